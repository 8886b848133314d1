import { runNode } from "@heddle/testing/node-context";
import type { Classification } from "@heddle/node-kit";
import { HeddleError } from "@heddle/schema";
import { describe, expect, it } from "vitest";
import { classify } from "./definition.ts";
import { handler } from "./handler.ts";

const answer: Classification = {
  label: "card_arrival",
  confidence: 0.8,
  alternatives: [
    { label: "lost_card", confidence: 0.1 },
    { label: "pin", confidence: 0.05 },
  ],
};
function classifier() {
  const requests: unknown[] = [];
  const classifyText = async (request: unknown) => {
    requests.push(request);
    return answer;
  };
  return { requests, services: { classifiers: { classify: classifyText } } };
}

describe("classify", () => {
  it("gives the label, how sure it is, and the next best", async () => {
    const { requests, services } = classifier();
    const signal = new AbortController().signal;
    const { output } = await runNode(classify, handler, {
      params: { datasetId: "d", text: "Where is it?", alternatives: 1 },
      services,
      signal,
    });
    expect(output).toEqual({
      label: "card_arrival",
      confidence: 0.8,
      alternatives: [{ label: "lost_card", confidence: 0.1 }],
      isConfident: true,
    });
    expect(requests).toEqual([{ datasetId: "d", text: "Where is it?", alternatives: 1, signal }]);
  });

  it("takes the message the run began with when no text is set", async () => {
    const { requests, services } = classifier();
    await runNode(classify, handler, { params: { datasetId: "d" }, input: { message: "Hi" }, services });
    expect(requests[0]).toMatchObject({ text: "Hi", alternatives: 3 });
  });

  it.each([
    [undefined, true],
    [0.8, true],
    ["0.81", false],
    [null, true],
  ])("with a bar of %j is confident: %s", async (minConfidence, isConfident) => {
    const { services } = classifier();
    expect((await runNode(classify, handler, { params: { datasetId: "d", text: "x", minConfidence }, services })).output).toMatchObject({
      isConfident,
    });
  });

  it("passes the classifier's errors on", async () => {
    const services = { classifiers: { classify: () => Promise.reject(new HeddleError("dataset_too_small", "Too few examples.")) } };
    await expect(runNode(classify, handler, { params: { datasetId: "d", text: "x" }, services })).rejects.toMatchObject({
      code: "dataset_too_small",
    });
  });

  it.each<[string, object]>([
    ["no data set", { text: "x" }],
    ["no text and no message", { datasetId: "d" }],
    ["a bar above 1", { datasetId: "d", text: "x", minConfidence: 2 }],
  ])("refuses %s", async (_name, params) => {
    await expect(runNode(classify, handler, { params: { ...params } })).rejects.toMatchObject({ code: "param_invalid" });
  });
});
