import { describe, expect, test } from "vitest";
import { applyOperations } from "./apply-operations.ts";
import { invertOperations, type Operation } from "./operations.ts";
import { dissolveContainer, removeNodes } from "./remove-nodes.ts";
import { documentOf, registry } from "./test-registry.ts";
import { validateDocument } from "./validate-document.ts";

const list = { params: { items: "{{ [1] }}" } };
const document = documentOf(
  [
    { id: "start", type: "start" },
    { id: "outer", type: "map", ...list },
    { id: "loop", type: "loop", parent: "outer", ...list },
    { id: "a", type: "model", parent: "loop" },
    { id: "b", type: "task", parent: "loop" },
    { id: "tool", type: "task", parent: "loop" },
    { id: "before", type: "task", parent: "outer" },
    { id: "after", type: "task", parent: "outer" },
    { id: "end", type: "task" },
  ],
  ["start -> outer", "before -> loop", "a -> b", "tool ~> a:tools", "loop -> after", "outer -> end"],
  { groups: [{ id: "g", name: "G", nodes: ["a", "end"] }] },
);

function after(operations: Operation[]) {
  const applied = applyOperations(document, operations);
  expect(applyOperations(applied.document, invertOperations(applied.operations)).document).toEqual(document);
  return {
    nodes: applied.document.nodes.map(({ id, parent }) => (parent === undefined ? id : `${parent}/${id}`)),
    edges: applied.document.edges.map(({ kind, source, target }) => `${source.node}${kind === "flow" ? "->" : "~>"}${target.node}`),
    groups: applied.document.groups.map(({ nodes }) => nodes),
    problems: validateDocument(applied.document, registry).map(({ code }) => code),
  };
}

describe("removeNodes", () => {
  test("takes along all that lives in a container, with its edges and places in groups", () => {
    expect(after(removeNodes(document, { nodes: new Set(["outer"]) }))).toEqual({
      nodes: ["start", "end"],
      edges: [],
      groups: [["end"]],
      problems: ["unreachable"],
    });
    expect(after(removeNodes(document, { nodes: new Set(["loop"]) })).nodes).toEqual([
      "start",
      "outer",
      "outer/before",
      "outer/after",
      "end",
    ]);
  });

  test("takes single nodes and edges away, and nothing else", () => {
    const gone = after(removeNodes(document, { nodes: new Set(["b"]), edges: new Set(["e0"]) }));
    expect(gone.edges).toEqual(["before->loop", "tool~>a", "loop->after", "outer->end"]);
    expect(gone.groups).toEqual([["a", "end"]]);
  });
});

describe("dissolveContainer", () => {
  test("keeps what lived in it, one level up, in the place of the container", () => {
    const dissolved = after(dissolveContainer(document, "loop"));
    expect(dissolved).toEqual({
      nodes: ["start", "outer", "outer/a", "outer/b", "outer/tool", "outer/before", "outer/after", "end"],
      edges: ["start->outer", "a->b", "tool~>a", "outer->end", "before->a", "b->after"],
      groups: [["a", "end"]],
      problems: [],
    });
    expect(after(dissolveContainer(document, "outer")).nodes).toContain("loop");
  });

  test("of a node that is not there does nothing", () => {
    expect(dissolveContainer(document, "gone")).toEqual([]);
  });
});
