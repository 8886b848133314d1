import type { Problem } from "@heddle/schema";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { documentOf, registry } from "./test-registry.ts";
import { validateDocument } from "./validate-document.ts";

const start = { id: "start", type: "start" };
const reading = (id: string, text: string, rest: object = {}) => ({ id, type: "task", params: { data: text }, ...rest });

function problems(...parts: Parameters<typeof documentOf>): Problem[] {
  return validateDocument(documentOf(...parts), registry);
}

describe("an answer that is written when the run has ended", () => {
  test("reads the event and the output, and no node", () => {
    const hook = (params: object) => [{ id: "hook", type: "hook", params }, reading("a", "")];
    const codes = (params: object) => problems(hook(params), ["hook -> a"]).map(({ code, field }) => [code, field]);
    expect(codes({ key: "{{ input.body }}", body: { x: "{{ output.y + input.body }} {{ run.id }}" } })).toEqual([]);
    expect(codes({ key: "{{ output }}" })).toEqual([["unknown_reference", "params.key"]]);
    expect(codes({ body: { x: "{{ a.output.text }}" } })).toEqual([["unknown_reference", "params.body.x"]]);
    expect(codes({ body: "{{ input.bdy }}" })).toEqual([["unknown_property", "params.body"]]);
  });
});

describe("types", () => {
  test("go through nodes that pass on what they are given", () => {
    const nodes = [
      start,
      { id: "p", type: "pick", params: { items: [{ name: "x" }] } },
      { id: "q", type: "pick", params: { items: "{{ p.output.items }}" } },
      { id: "j", type: "join" },
      reading("a", "{{ q.output.first.name.length }} {{ j.output.items[0].name }}"),
    ];
    expect(problems(nodes, ["start -> p", "p -> q", "q -> j", "j -> a"])).toEqual([]);
    nodes[4] = reading("a", "{{ q.output.first.nmae }} {{ j.output.itms }}");
    expect(problems(nodes, ["start -> p", "p -> q", "q -> j", "j -> a"]).map(({ code }) => code)).toEqual([
      "unknown_property",
      "unknown_property",
    ]);
  });

  test("have an end, however long the flow that they are made of", () => {
    const count = 1_000;
    const nodes = Array.from({ length: count }, (_, index) => ({
      id: `p${index}`,
      type: "pick",
      params: { items: index === 0 ? ["x"] : `{{ [p${index - 1}.output, p${index - 1}.output] }}` },
    }));
    const edges = nodes.map((_, index) => (index === 0 ? "start -> p0" : `p${index - 1} -> p${index}`));
    expect(problems([start, ...nodes.toReversed()], edges)).toEqual([]);
  });
});

test("never throws, whatever lives where", () => {
  const names = fc.constantFrom("start", "a", "b", "c", "input");
  const text = fc.constantFrom(
    "{{ item }}",
    "{{ a.output.items }}",
    "{{ b.previous }}",
    "{{ [c.output] }}",
    "{{ state.x }}",
    "{{ item.x",
    "plain",
  );
  const node = fc.record(
    {
      id: names,
      type: fc.constantFrom("start", "task", "loop", "map", "goto", "pick", "join", "assign", "model", "answer", "hook", "nothing"),
      parent: fc.option(names, { nil: undefined }),
      each: fc.option(fc.record({ items: fc.oneof(text, fc.array(text)) }), { nil: undefined }),
      params: fc.record(
        {
          items: fc.oneof(text, fc.array(text), fc.constant(7)),
          mode: fc.constantFrom("forEach", "while", "count", "?"),
          condition: text,
          target: names,
          updates: fc.constantFrom(null, [null], [{ name: "x", value: "{{ item }}" }], [{ name: 7 }]),
          body: text,
        },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: ["id", "type"] },
  );
  const edge = fc
    .tuple(names, fc.constantFrom("->", "~>"), names)
    .map(([from, arrow, to]) => `${from} ${arrow} ${to}${arrow === "~>" ? ":tools" : ""}`);
  fc.assert(
    fc.property(fc.array(node, { maxLength: 6 }), fc.array(edge, { maxLength: 10 }), (nodes, edges) => {
      const document = documentOf(nodes as Record<string, unknown>[], edges, { state: [{ name: "x", initial: 1 }] });
      for (const { message } of validateDocument(document, registry)) expect(message).toMatch(/[.?)]$/);
    }),
    { numRuns: 1_000 },
  );
});
