import { runNode } from "@heddle/testing/node-context";
import type { Passage } from "@heddle/node-kit";
import { HeddleError } from "@heddle/schema";
import { describe, expect, it, vi } from "vitest";
import { knowledgeSearch } from "./definition.ts";
import { handler } from "./handler.ts";

const passages: Passage[] = [
  { text: "Cards take\nfive days.", score: 0.9, documentId: "d1", documentName: "Delivery.md", chunk: 0, section: "Cards" },
  { text: `Track it. ${"word ".repeat(100)}`, score: 0.5, documentId: "d2", documentName: "Tracking.md", chunk: 3 },
];
function knowledge(found = passages) {
  const requests: unknown[] = [];
  const search = async (request: unknown) => {
    requests.push(request);
    return found;
  };
  return { requests, services: { knowledge: { search } } };
}

describe("knowledge-search", () => {
  it("gives passages, citations and a text for prompts", async () => {
    const { requests, services } = knowledge();
    const signal = new AbortController().signal;
    const { output } = await runNode(knowledgeSearch, handler, {
      params: { knowledgeBaseId: "k", query: "how long?", limit: 2, minScore: 0.2 },
      services,
      signal,
    });
    expect(requests).toEqual([{ knowledgeBaseId: "k", query: "how long?", limit: 2, minScore: 0.2, signal }]);
    expect(output).toMatchObject({
      passages,
      found: true,
      citations: [
        { number: 1, documentId: "d1", documentName: "Delivery.md", section: "Cards", quote: "Cards take five days.", score: 0.9 },
        { number: 2, documentId: "d2", documentName: "Tracking.md", score: 0.5 },
      ],
    });
    const { text, citations } = output as { text: string; citations: { quote: string }[] };
    expect(text).toMatch(/^\[1\] Delivery\.md › Cards\nCards take\nfive days\.\n\n\[2\] Tracking\.md\nTrack it\./);
    expect(citations[1]?.quote).toMatch(/^Track it\. (word ?)+…$/);
    expect(citations[1]?.quote.length).toBeLessThanOrEqual(241);
  });

  it("asks with the message the run began with when no question is set", async () => {
    const { requests, services } = knowledge();
    await runNode(knowledgeSearch, handler, { params: { knowledgeBaseId: "k" }, input: { message: "Hi" }, services });
    expect(requests[0]).toMatchObject({ query: "Hi", limit: 4 });
    expect(requests[0]).not.toHaveProperty("minScore");
  });

  it("puts passages first that fit the topic as well as the question", async () => {
    const at = (chunk: number, score: number): Passage => ({ text: `p${chunk}`, score, documentId: "d", documentName: "D", chunk });
    const byQuery: Record<string, Passage[]> = {
      "where is it?": [at(0, 0.8), at(1, 0.6), at(2, 0.1)],
      "card arrival": [at(1, 0.9), at(3, 0.5)],
    };
    const search = vi.fn(async ({ query }: { query: string }) => byQuery[query] ?? []);
    const params = { knowledgeBaseId: "k", query: "where is it?", topic: "card_arrival?", limit: 4, minScore: 0.2 };
    const { output } = await runNode(knowledgeSearch, handler, { params, services: { knowledge: { search } } });
    expect((output as unknown as { passages: Passage[] }).passages.map(({ text, score }) => [text, score])).toEqual([
      ["p1", 0.75],
      ["p0", 0.4],
      ["p3", 0.25],
    ]);
    expect(search).toHaveBeenCalledTimes(2);
  });

  it("says when nothing was found", async () => {
    const { services } = knowledge([]);
    const { output } = await runNode(knowledgeSearch, handler, { params: { knowledgeBaseId: "k", query: "x" }, services });
    expect(output).toEqual({ passages: [], citations: [], text: "", found: false });
  });

  it("passes the knowledge base's errors on", async () => {
    const services = { knowledge: { search: () => Promise.reject(new HeddleError("not_found", "The knowledge base is gone.")) } };
    await expect(runNode(knowledgeSearch, handler, { params: { knowledgeBaseId: "k", query: "x" }, services })).rejects.toMatchObject({
      code: "not_found",
    });
  });

  it.each<[string, object]>([
    ["no knowledge base", { query: "x" }],
    ["no question and no message", { knowledgeBaseId: "k" }],
    ["no passages wanted", { knowledgeBaseId: "k", query: "x", limit: 0 }],
  ])("refuses %s", async (_name, params) => {
    await expect(runNode(knowledgeSearch, handler, { params: { ...params } })).rejects.toMatchObject({ code: "param_invalid" });
  });
});
