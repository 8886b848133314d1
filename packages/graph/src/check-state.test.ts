import type { AgentDocumentInput, Problem } from "@heddle/schema";
import { describe, expect, test } from "vitest";
import { documentOf, registry } from "./test-registry.ts";
import { validateDocument } from "./validate-document.ts";

const start = { id: "start", type: "start" };
const total = { name: "total", initial: 0, reducer: "add" as const };

function problems(state: AgentDocumentInput["state"], updates: object[], text = ""): Problem[] {
  const nodes = [start, { id: "set", type: "assign", params: { updates } }, { id: "read", type: "task", params: { data: text } }];
  return validateDocument(documentOf(nodes, ["start -> set", "set -> read"], { state }), registry);
}

describe("state", () => {
  test("is set and read by name, as the type that it starts as", () => {
    const state = [total, { name: "found", initial: [], reducer: "append" as const }, { name: "name", initial: "" }, { name: "any" }];
    const updates = [
      { name: "total", value: "{{ input.message.length }}" },
      { name: "found", value: { text: "{{ input.message }}" } },
      { name: "name", value: "{{ input.message }}" },
      { name: "any", value: 7 },
    ];
    expect(problems(state, updates, "{{ state.total + 1 }} {{ state.found.length }} {{ state.name.trim() }} {{ state.any.x }}")).toEqual(
      [],
    );
  });

  test.each<[string, Parameters<typeof problems>, Partial<Problem>]>([
    ["two values of one name", [[total, total], []], { code: "duplicate_state", field: "state.1.name" }],
    ["a name that expressions refuse", [[{ name: "constructor" }], []], { code: "reserved_id", field: "state.0.name" }],
    [
      "a value that it does not have",
      [[total], [{ name: "totl", value: 1 }]],
      {
        code: "unknown_state",
        nodeId: "set",
        field: "params.updates.0.name",
        message: 'The agent has no state `totl`, which "set" sets. Did you mean `total`?',
      },
    ],
    [
      "a text that is added to a number",
      [[total], [{ name: "total", value: "{{ input.message }}" }]],
      {
        code: "type_mismatch",
        nodeId: "set",
        field: "params.updates.0.value",
        message: 'Only a number can be added to `total`, but "set" gives a text. Give it a number.',
      },
    ],
    [
      "a list that becomes a text",
      [[{ name: "l", initial: [1] }], [{ name: "l", value: "x" }]],
      { code: "type_mismatch", field: "params.updates.0.value" },
    ],
    ["a misspelt name", [[total], [], "{{ state.totl }}"], { code: "unknown_property", nodeId: "read" }],
    ["the wrong use of its type", [[total], [], "{{ state.total.trim() }}"], { nodeId: "read" }],
    [
      "being read where there is none",
      [undefined, [], "{{ state.total }}"],
      {
        code: "unknown_reference",
        nodeId: "read",
        message: 'The agent has no `state` yet, which "read" reads. Add a state value in the agent\'s settings.',
      },
    ],
  ])("is checked for %s", (_, parts, expected) => {
    const found = problems(...parts);
    expect(found).toEqual([expect.objectContaining({ severity: "error", ...expected })]);
    expect(found[0]!.message).toMatch(/^["`\p{Lu}].*[.?)]$/u);
  });

  test("that can't be joined as it should is refused, also where the document was not parsed", () => {
    const document = documentOf([start], []);
    document.state = [
      { name: "a", initial: "x", reducer: "append" },
      { name: "b", initial: "x", reducer: "add" },
    ];
    expect(validateDocument(document, registry).map(({ code, field }) => [code, field])).toEqual([
      ["invalid_state", "state.0.initial"],
      ["invalid_state", "state.1.initial"],
    ]);
  });
});
