import { agentDocument, type StepRecord } from "@heddle/schema";
import { describe, expect, it } from "vitest";
import { inOrderOfFlow } from "./step-order.ts";

const step = (nodeId: string, startedAt: number, key = `${nodeId}#`): StepRecord => ({
  key,
  nodeId,
  startedAt,
  durationMs: 0,
  attempts: 1,
  status: "completed",
  output: null,
  ports: ["out"],
});
const document = agentDocument.parse({
  nodes: ["z", "m", "a"].map((id) => ({ id, type: "format", name: id })),
  edges: [
    { id: "1", source: { node: "z" }, target: { node: "m" } },
    { id: "2", source: { node: "m" }, target: { node: "a" } },
  ],
});

describe("inOrderOfFlow", () => {
  it("follows the edges where the clock can't tell", () => {
    const steps = [step("a", 5), step("m", 5), step("z", 5)];
    expect(inOrderOfFlow(steps, document).map((each) => each.nodeId)).toEqual(["z", "m", "a"]);
  });

  it("follows the clock where it can, and keeps what a step does inside itself behind it", () => {
    const steps = [step("m", 9, "m#/call:0"), step("m", 9), step("a", 3)];
    expect(inOrderOfFlow(steps, document).map((each) => each.key)).toEqual(["a#", "m#", "m#/call:0"]);
  });

  it("ends with a cycle in the document", () => {
    const cyclic = agentDocument.parse({
      ...document,
      edges: [...document.edges, { id: "3", source: { node: "a" }, target: { node: "z" } }],
    });
    expect(inOrderOfFlow([step("z", 1), step("a", 1)], cyclic)).toHaveLength(2);
  });
});
