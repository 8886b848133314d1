import type { Problem } from "@heddle/schema";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { documentOf, registry } from "./test-registry.ts";
import { validateDocument } from "./validate-document.ts";

const start = { id: "start", type: "start" };

function problems(...args: Parameters<typeof documentOf>): Problem[] {
  return validateDocument(documentOf(...args), registry);
}

describe("validateDocument", () => {
  test("takes what a disabled node passes on for anything", () => {
    const nodes = [
      start,
      { id: "a", type: "task", isDisabled: true },
      { id: "b", type: "task", params: { text: "{{ a.output.whatever }}" } },
    ];
    expect(problems(nodes, ["start -> a", "a -> b"])).toEqual([]);
  });

  test("knows both outcomes of a node that continues after an error", () => {
    const nodes = [
      start,
      { id: "a", type: "task", onError: "continue" },
      { id: "b", type: "task", params: { text: "{{ a.output.text }} {{ a.output.error.message }} {{ a.error.code }}" } },
    ];
    expect(problems(nodes, ["start -> a", "a -> b"])).toEqual([]);
  });

  test("trusts params that convert their values", () => {
    const nodes = [
      start,
      { id: "a", type: "task" },
      { id: "s", type: "strict", params: { title: "{{ input.message }}", coerced: "{{ input.message }}" } },
    ];
    expect(problems(nodes, ["start -> a", "a -> s"])).toEqual([]);
  });

  test("never throws, whatever a document holds", () => {
    const names = fc.constantFrom("start", "a", "b", "input", "constructor", "__proto__");
    const json = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom("{{ a.output.text }}", "{{ b.output", "{{ input.message }}", "{{ constructor }}", [{ id: "x", when: "{{ 1 }}" }]),
    ) as fc.Arbitrary<never>;
    const node = fc.record(
      {
        id: names,
        type: fc.constantFrom("start", "task", "strict", "choice", "model", "memory", "nothing", "__proto__", "constructor"),
        params: fc.dictionary(fc.constantFrom("text", "count", "data", "branches", "title", "__proto__", "code"), json),
        onError: fc.constantFrom("fail", "continue", "branch"),
        isDisabled: fc.boolean(),
        tool: fc.constant({ description: "d", parameters: { type: "object" } }),
      },
      { requiredKeys: ["id", "type"] },
    );
    const end = fc.tuple(names, fc.constantFrom("in", "out", "error", "else", "tools", "memory", "x"));
    const edge = fc
      .tuple(end, fc.constantFrom("->", "~>"), end)
      .map(([source, arrow, target]) => `${source.join(":")} ${arrow} ${target.join(":")}`);
    fc.assert(
      fc.property(fc.array(node, { maxLength: 6 }), fc.array(edge, { maxLength: 10 }), (nodes, edges) => {
        for (const problem of validateDocument(documentOf(nodes, edges), registry)) expect(problem.message).not.toBe("");
      }),
      { numRuns: 1_000 },
    );
  });

  test("reads 5,000 nodes and 20,000 edges in one pass", () => {
    const count = 4_999;
    const nodes = Array.from({ length: count }, (_, index) => ({
      id: `n${index}`,
      type: "task",
      params: { text: `{{ n${index - 1}.output.text }} {{ input.message }}` },
    }));
    nodes[0]!.params.text = "{{ input.message }}";
    const edges = nodes.flatMap((_, index) =>
      [1, 2, 3, 4].filter((step) => index + step < count).map((step) => `n${index} -> n${index + step}`),
    );
    expect(
      validateDocument(documentOf([{ id: "start", type: "start" }, ...nodes], ["start -> n0", ...edges]), registry).filter(
        ({ code }) => code !== "duplicate_edge_id",
      ),
    ).toEqual([]);
  });
});
