import type { Problem } from "@heddle/schema";
import { describe, expect, test } from "vitest";
import { documentOf, registry } from "./test-registry.ts";
import { validateDocument } from "./validate-document.ts";

type Parts = Parameters<typeof documentOf>;
const start = { id: "start", type: "start" };
const numbers = { items: "{{ [1, 2] }}" };
const loop = { id: "loop", type: "loop", params: numbers };
const inside = (id: string, rest: object = {}) => ({ id, type: "task", parent: "loop", ...rest });
const reading = (id: string, text: string, rest: object = {}) => ({ id, type: "task", params: { data: text }, ...rest });

const problems = (...parts: Parts): Problem[] => validateDocument(documentOf(...parts), registry);

describe("a node that runs for each item", () => {
  const each = { items: "{{ input.message.split(' ') }}" };

  test("reads its item, and gives a list", () => {
    const nodes = [
      start,
      { id: "a", type: "task", each, params: { text: "{{ item.trim() }}", count: "{{ index }}" } },
      reading("b", "{{ a.output[0].text }} {{ a.output.length }}"),
    ];
    expect(problems(nodes, ["start -> a", "a -> b"])).toEqual([]);
    expect(
      problems([start, { id: "a", type: "task", each }, reading("b", "{{ a.output.text }}")], ["start -> a", "a -> b"]).map(
        ({ code }) => code,
      ),
    ).toEqual(["unknown_property"]);
  });

  test("reads the item around it in its list alone", () => {
    const nodes = [
      start,
      { ...loop, params: { items: [["x"]] } },
      inside("a", { each: { items: "{{ item }}" }, params: { text: "{{ item.trim() }} {{ loop.item.length }}" } }),
    ];
    expect(problems(nodes, ["start -> loop"])).toEqual([]);
  });

  test.each<[string, Parts, Partial<Problem>]>([
    [
      "a list that is none",
      [[start, { id: "a", type: "task", each: { items: "{{ input.message }}" } }], ["start -> a"]],
      { code: "type_mismatch", nodeId: "a", field: "each.items" },
    ],
    [
      "a text that is no expression",
      [[start, { id: "a", type: "task", each: { items: "a, b" } }], ["start -> a"]],
      { code: "type_mismatch", nodeId: "a", field: "each.items" },
    ],
    [
      "a mistake in its list",
      [[start, { id: "a", type: "task", each: { items: "{{ nobody }}" } }], ["start -> a"]],
      { code: "unknown_reference", nodeId: "a", field: "each.items" },
    ],
    [
      "a list that comes later",
      [
        [start, { id: "a", type: "task", each: { items: "{{ [b.output.text] }}" } }, reading("b", "")],
        ["start -> a", "a -> b"],
      ],
      { code: "reference_not_before", nodeId: "a", field: "each.items" },
    ],
    ["a trigger", [[{ ...start, each: { items: [1] } }], []], { code: "invalid_each", nodeId: "start", field: "each" }],
    ["a container", [[start, { ...loop, each }, inside("a")], ["start -> loop"]], { code: "invalid_each", nodeId: "loop" }],
    [
      "a go-to",
      [
        [start, reading("a", ""), { id: "g", type: "goto", params: { target: "a" }, each }],
        ["start -> a", "a -> g"],
      ],
      { code: "invalid_each", nodeId: "g" },
    ],
    [
      "a tool",
      [
        [start, { id: "m", type: "model" }, { id: "t", type: "task", each }],
        ["start -> m", "t ~> m:tools"],
      ],
      { code: "invalid_each", nodeId: "t" },
    ],
  ])("is checked for %s", (_, parts, expected) => {
    expect(problems(...parts)).toEqual([expect.objectContaining({ severity: "error", ...expected })]);
  });
});
