import { describe, expect, test } from "vitest";
import { applyOperations } from "./apply-operations.ts";
import { diffDocuments } from "./diff-documents.ts";
import type { Operation } from "./operations.ts";
import { documentOf, edgeOf } from "./test-registry.ts";

const before = documentOf(
  [
    { id: "a", type: "start" },
    { id: "b", type: "task", params: { text: "x", list: [{ when: 1 }, 2] } },
  ],
  ["a -> b"],
  { variables: [{ name: "v", value: "1" }] },
);

function diffAfter(...operations: Operation[]) {
  return diffDocuments(before, applyOperations(before, operations).document);
}

describe("diffDocuments", () => {
  test("finds nothing between a document and its copy", () => {
    expect(diffDocuments(before, structuredClone(before))).toEqual({
      nodes: { added: [], removed: [], changed: [] },
      edges: { added: [], removed: [], changed: [] },
      document: [],
      isCosmetic: true,
    });
  });

  test("names the fields of a node that changed, the new ones and those that are gone", () => {
    const diff = diffAfter({
      type: "node.update",
      id: "b",
      before: {},
      after: { params: { list: [{ when: 2 }, 2], extra: null }, timeoutMs: 9 },
    });
    expect(diff.nodes.changed).toEqual([
      {
        id: "b",
        name: "b",
        changes: [
          { field: "params.text", before: "x", after: undefined },
          { field: "params.list.0.when", before: 1, after: 2 },
          { field: "params.extra", before: undefined, after: null },
          { field: "timeoutMs", before: undefined, after: 9 },
        ],
      },
    ]);
    expect(diff.isCosmetic).toBe(false);
  });

  test("takes a list whose length changed as one change", () => {
    const diff = diffAfter({ type: "node.update", id: "b", before: {}, after: { params: { text: "x", list: [] } } });
    expect(diff.nodes.changed[0]!.changes).toEqual([{ field: "params.list", before: [{ when: 1 }, 2], after: [] }]);
  });

  test("lists nodes and edges that came and went", () => {
    const node = { ...before.nodes[1]!, id: "c" };
    const edge = edgeOf("a -> c", 7);
    const diff = diffAfter(
      { type: "edge.remove", edge: before.edges[0]!, index: 0 },
      { type: "node.remove", node: before.nodes[1]!, index: 1 },
      { type: "node.add", node },
      { type: "edge.add", edge },
    );
    expect(diff.nodes).toEqual({ added: [node], removed: [before.nodes[1]], changed: [] });
    expect(diff.edges).toEqual({ added: [edge], removed: [before.edges[0]], changed: [] });
  });

  test("reports variables and settings, and says when only looks changed", () => {
    expect(diffAfter({ type: "variables.set", before: [], after: [{ name: "v", kind: "text", value: "2" }] })).toMatchObject({
      document: [{ field: "variables.0.value", before: "1", after: "2" }],
      isCosmetic: false,
    });
    expect(diffAfter({ type: "state.set", before: [], after: [{ name: "s", initial: 0, reducer: "add" }] })).toMatchObject({
      document: [{ field: "state", before: undefined, after: [{ name: "s" }] }],
      isCosmetic: false,
    });
    const looks = diffAfter(
      { type: "node.move", moves: [{ id: "a", before: { x: 0, y: 0 }, after: { x: 5, y: 0 } }] },
      { type: "notes.set", before: [], after: [{ id: "n", text: "hi", position: { x: 0, y: 0 } }] },
    );
    expect(looks).toMatchObject({ nodes: { changed: [{ id: "a", changes: [{ field: "position.x" }] }] }, isCosmetic: true });
  });
});
