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
  test("renames a container for what lives in it, and a node for the go-tos and lists that name it", () => {
    const source = documentOf(
      [
        { id: "start", type: "start" },
        { id: "a", type: "pick", params: { items: [["x"]] } },
        { id: "loop", type: "loop", params: { items: "{{ a.output.items }}" } },
        {
          id: "in",
          type: "task",
          parent: "loop",
          each: { items: "{{ loop.item }}" },
          params: { text: "{{ item }} {{ loop.previous }} loop" },
        },
        { id: "back", type: "goto", params: { target: "a" } },
        { id: "each", type: "task", each: { items: ["{{ a.output }}", "a"] } },
      ],
      ["start -> a", "a -> loop", "loop -> back", "loop -> each"],
    );
    const renamed = rename(rename(source, "loop", "rows"), "a", "list");
    expect(renamed.nodes[3]).toMatchObject({
      parent: "rows",
      each: { items: "{{ rows.item }}" },
      params: { text: "{{ item }} {{ rows.previous }} loop" },
    });
    expect(renamed.nodes[4]!.params).toEqual({ target: "list" });
    expect(renamed.nodes[5]!.each!.items).toEqual(["{{ list.output }}", "a"]);
    expect(validateDocument(renamed, registry)).toEqual(validateDocument(source, registry));
    const undone = renameNode(source, registry, { from: "loop", to: "rows" });
    const { document: after, operations } = applyOperations(source, undone);
    expect(applyOperations(after, invertOperations(operations)).document).toEqual(source);
  });

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
