import type { AgentDocument } from "@heddle/schema";
import { describe, expect, test } from "vitest";
import { applyOperations } from "./apply-operations.ts";
import { invertOperations } from "./operations.ts";
import { renamedTemplate, renameNode } from "./rename-node.ts";
import { documentOf, registry } from "./test-registry.ts";
import { validateDocument } from "./validate-document.ts";

const document = documentOf(
  [
    { id: "start", type: "start" },
    { id: "a", type: "task", params: { text: "{{ input.message }}" } },
    {
      id: "b",
      type: "task",
      params: {
        text: "a {{ a.output.text }} a {{ a.output.count }}",
        code: "{{ a.output }}",
        data: { list: ["{{ a.output.text.split('a').map(a => a + 1) }}"], a: 1 },
      },
    },
  ],
  ["start -> a", "a -> b"],
  { groups: [{ id: "g", name: "G", nodes: ["a", "b"] }] },
);

function rename(source: AgentDocument, from: string, to: string): AgentDocument {
  return applyOperations(source, renameNode(source, registry, { from, to })).document;
}

describe("renameNode", () => {
  test("renames the node, its edges, its groups and all that reads it", () => {
    const renamed = rename(document, "a", "draft");
    expect(renamed.nodes.map(({ id }) => id)).toEqual(["start", "draft", "b"]);
    expect(renamed.edges.map(({ id, source, target }) => [id, source.node, target.node])).toEqual([
      ["e0", "start", "draft"],
      ["e1", "draft", "b"],
    ]);
    expect(renamed.groups[0]!.nodes).toEqual(["draft", "b"]);
    expect(renamed.nodes[2]!.params).toEqual({
      text: "a {{ draft.output.text }} a {{ draft.output.count }}",
      code: "{{ a.output }}",
      data: { list: ["{{ draft.output.text.split('a').map(a => a + 1) }}"], a: 1 },
    });
    expect(validateDocument(renamed, registry)).toEqual([]);
  });

  test("can be undone, and done back by another rename", () => {
    const applied = applyOperations(document, renameNode(document, registry, { from: "a", to: "draft" }));
    expect(applyOperations(applied.document, invertOperations(applied.operations)).document).toStrictEqual(document);
    expect(rename(applied.document, "draft", "a")).toStrictEqual(document);
  });

  test.each([["start"], ["input"], ["class"], ["constructor"], ["1a"], ["a b"], [""]])("refuses %j as a new id", (to) => {
    expect(() => renameNode(document, registry, { from: "a", to })).toThrow(expect.objectContaining({ code: "invalid_request" }));
  });

  test("refuses a node that is not there, and does nothing for the same id", () => {
    expect(() => renameNode(document, registry, { from: "z", to: "y" })).toThrow(expect.objectContaining({ code: "not_found" }));
    expect(renameNode(document, registry, { from: "a", to: "a" })).toEqual([]);
  });

  test("keeps the names of fields in objects", () => {
    expect(renamedTemplate("{{ { a, b: a.b, a: 1 } }} {{ x.a }} \\{{ a }} {{ a. }}", "a", "z")).toBe(
      "{{ { a: z, b: z.b, a: 1 } }} {{ x.a }} \\{{ a }} {{ a. }}",
    );
  });
});
