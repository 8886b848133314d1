import type { AgentDocument, AgentEdge, AgentNode } from "@heddle/schema";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyOperations } from "./apply-operations.ts";
import { coalesceEdits, type Edit } from "./coalesce-operations.ts";
import { invertOperations, type NodePatch, type Operation, type OptionalField } from "./operations.ts";
import { documentOf, edgeOf } from "./test-registry.ts";

const base = documentOf(
  [
    { id: "a", type: "start" },
    { id: "b", type: "task", params: { text: "x" }, timeoutMs: 5, pinnedOutput: null },
    { id: "c", type: "task" },
  ],
  ["a -> b", "b -> c"],
  { variables: [{ name: "v" }], groups: [{ id: "g", name: "G", nodes: ["a"] }] },
);
const node = (id: string): AgentNode => ({ ...base.nodes[2]!, id });

/** An operation that fits a document, whatever the numbers say. `before` is left for applying to fill in. */
function operationFor(document: AgentDocument, [kind, pick, value]: [number, number, number], step: number): Operation {
  const some = <T>(list: T[]): T | undefined => list[pick % Math.max(1, list.length)];
  const target = some(document.nodes);
  const edge = some(document.edges) as AgentEdge | undefined;
  const fresh = `n${step}`;
  switch (kind) {
    case 0:
      return { type: "node.add", node: node(fresh), ...(value % 2 === 0 ? { index: pick % (document.nodes.length + 1) } : {}) };
    case 1:
      if (target !== undefined) return { type: "node.remove", node: target, index: 0 };
      break;
    case 2: {
      const set: NodePatch[] = [
        { name: `${value}` },
        { params: { text: `${value}` } },
        { timeoutMs: value + 1 },
        { id: fresh },
        { pinnedOutput: null },
        { parent: "a", each: { items: "{{ [] }}", concurrency: value + 1, onItemError: "fail" } },
        { isDisabled: true, tool: { description: "d", parameters: {} } },
      ];
      const unset: OptionalField[][] = [["timeoutMs"], ["pinnedOutput", "tool"], ["isDisabled"], ["parent", "each"]];
      const after: NodePatch = value % 2 === 0 ? set[value % set.length]! : { unset: unset[value % unset.length]! };
      if (target !== undefined) return { type: "node.update", id: target.id, before: {}, after };
      break;
    }
    case 3: {
      const moves = document.nodes.slice(pick % 3).map(({ id }) => ({ id, before: { x: 0, y: 0 }, after: { x: value, y: pick } }));
      return { type: "node.move", moves };
    }
    case 4:
      return { type: "edge.add", edge: { ...edgeOf("a -> b"), id: `e${fresh}` } };
    case 5:
      if (edge !== undefined) return { type: "edge.remove", edge, index: 0 };
      break;
    case 6:
      return { type: "variables.set", before: [], after: [{ name: `v${value}`, kind: "number", value }] };
    case 10:
      return { type: "state.set", before: [], after: value % 3 === 0 ? [] : [{ name: `s${value}`, initial: value, reducer: "add" }] };
    case 7:
      return { type: "settings.set", before: { limits: {} }, after: { limits: { maxSteps: value + 1 } } };
    case 8:
      return { type: "notes.set", before: [], after: [{ id: "n", text: `${value}`, position: { x: pick, y: 0 } }] };
  }
  return { type: "groups.set", before: [], after: [{ id: `g${value}`, name: "G", nodes: [] }] };
}

describe("operations", () => {
  test("taken back in one go leave the document as it was", () => {
    const steps = fc.array(fc.tuple(fc.nat(10), fc.nat(20), fc.nat(20)), { maxLength: 15 });
    fc.assert(
      fc.property(steps, (choices) => {
        let document = base;
        const done: Operation[] = [];
        for (const [step, choice] of choices.entries()) {
          const applied = applyOperations(document, [operationFor(document, choice, step)]);
          document = applied.document;
          done.push(...applied.operations);
        }
        const undone = applyOperations(document, invertOperations(done));
        expect(undone.document).toStrictEqual(base);
        expect(applyOperations(undone.document, invertOperations(undone.operations)).document).toStrictEqual(document);
        // What travels as JSON does the same.
        expect(applyOperations(base, JSON.parse(JSON.stringify(done)) as Operation[]).document).toStrictEqual(document);
      }),
      { numRuns: 500 },
    );
  });

  test("change nothing in the document they are given, and share what they don't touch", () => {
    const before = structuredClone(base);
    const { document } = applyOperations(base, [{ type: "node.update", id: "b", before: {}, after: { name: "B" } }]);
    expect(base).toStrictEqual(before);
    expect(document.nodes[0]).toBe(base.nodes[0]);
    expect(document.edges).toBe(base.edges);
  });

  test.each<[string, Operation]>([
    ["a node that is there already", { type: "node.add", node: node("a") }],
    ["a node that is gone", { type: "node.remove", node: node("z"), index: 0 }],
    ["an update of a node that is gone", { type: "node.update", id: "z", before: {}, after: { name: "x" } }],
    ["a rename to an id that is taken", { type: "node.update", id: "b", before: {}, after: { id: "a" } }],
    ["an edge that is there already", { type: "edge.add", edge: edgeOf("a -> c") }],
    ["an edge that is gone", { type: "edge.remove", edge: edgeOf("a -> c", 9), index: 0 }],
  ])("refuse %s, as a conflict", (_, operation) => {
    expect(() => applyOperations(base, [operation])).toThrow(expect.objectContaining({ code: "conflict" }));
  });

  test("that were never applied can't be inverted", () => {
    expect(() => invertOperations([{ type: "node.add", node: node("z") }])).toThrow("once it has been applied");
  });
});

describe("coalesceEdits joins", () => {
  const update = (id: string, after: NodePatch, before: NodePatch = {}): Operation => ({ type: "node.update", id, before, after });
  const move = (id: string, from: number, to: number): Operation => ({
    type: "node.move",
    moves: [{ id, before: { x: from, y: 0 }, after: { x: to, y: 0 } }],
  });
  const edit = (operation: Operation, at: number): Edit => ({ operations: [operation], at });

  test("the steps of one drag", () => {
    expect(coalesceEdits(edit(move("a", 0, 5), 0), edit(move("a", 5, 9), 900))).toEqual(edit(move("a", 0, 9), 900));
  });

  test("typing in one field", () => {
    const first = update("a", { params: { text: "H", other: 1 } }, { params: { text: "", other: 1 } });
    const second = update("a", { params: { text: "Hi", other: 1 } }, { params: { text: "H", other: 1 } });
    expect(coalesceEdits(edit(first, 0), edit(second, 100))?.operations).toEqual([
      update("a", { params: { text: "Hi", other: 1 } }, { params: { text: "", other: 1 } }),
    ]);
    expect(coalesceEdits(edit(update("a", { name: "x" }), 0), edit(update("a", { name: "xy" }), 5))?.operations).toEqual([
      update("a", { name: "xy" }),
    ]);
  });

  test.each<[string, Operation, Operation, number]>([
    ["after a pause", move("a", 0, 5), move("a", 5, 9), 1_001],
    ["of different nodes", move("a", 0, 5), move("b", 0, 5), 10],
    [
      "in different fields",
      update("a", { params: { x: "1" } }, { params: {} }),
      update("a", { params: { x: "1", y: "2" } }, { params: { x: "1" } }),
      10,
    ],
    ["of different kinds", update("a", { name: "x" }), move("a", 0, 1), 10],
    ["that rename", update("a", { id: "x" }), update("a", { id: "y" }), 10],
  ])("but no edits %s", (_, first, second, later) => {
    expect(coalesceEdits(edit(first, 0), edit(second, later))).toBeUndefined();
  });
});
