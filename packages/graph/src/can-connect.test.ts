import { describe, expect, test } from "vitest";
import { findAncestors } from "./ancestors.ts";
import { readGraph } from "./agent-graph.ts";
import { canConnect } from "./can-connect.ts";
import { scopeSchemaFor } from "./scope-schema-for.ts";
import { documentOf, edgeOf, registry } from "./test-registry.ts";

const document = documentOf(
  [
    { id: "start", type: "start" },
    { id: "a", type: "task" },
    { id: "b", type: "task", onError: "branch" },
    { id: "s", type: "strict", params: { title: "x" } },
    { id: "m", type: "model" },
    { id: "n", type: "memory" },
    { id: "tool", type: "task", tool: { description: "d", parameters: { type: "object", properties: { query: { type: "string" } } } } },
  ],
  ["start -> a", "a -> b", "b -> m", "n ~> m:memory", "tool ~> m:tools"],
  { variables: [{ name: "tone" }] },
);

describe("canConnect", () => {
  test.each(["a -> m", "a -> s", "b:error -> m", "start -> b", "a ~> m:tools"])("allows %s", (written) => {
    expect(canConnect(document, registry, edgeOf(written, 99))).toEqual({ ok: true });
  });

  test.each([
    ["a -> b", "duplicate_edge"],
    ["m -> a", "cycle"],
    ["a -> a", "cycle"],
    ["a -> start", "unknown_port"],
    ["a:no -> m", "unknown_port"],
    ["a -> gone", "missing_node"],
    ["start -> s", "incompatible_ports"],
    ["b:error -> s", "incompatible_ports"],
    ["n ~> m:tools", "wrong_attachment"],
    ["n ~> a:memory", "unknown_slot"],
    ["m ~> m:tools", "cycle"],
    ["n ~> m:memory", "duplicate_edge"],
  ])("refuses %s as %s, with a sentence", (written, code) => {
    const answer = canConnect(document, registry, edgeOf(written, 99));
    expect(answer).toMatchObject({ ok: false, problem: { code } });
    expect(answer.ok ? "" : answer.problem.message).toMatch(/\w.*[.?]$/);
  });

  test("refuses one attachment too many", () => {
    const more = documentOf([...document.nodes, { id: "o", type: "memory" }], ["n ~> m:memory"]);
    expect(canConnect(more, registry, edgeOf("o ~> m:memory", 99))).toMatchObject({ ok: false, problem: { code: "too_many_attachments" } });
  });
});

describe("a container's border", () => {
  const nested = documentOf(
    [
      { id: "start", type: "start" },
      { id: "loop", type: "loop", params: { items: ["x"] } },
      { id: "a", type: "task", parent: "loop" },
      { id: "b", type: "model", parent: "loop" },
      { id: "c", type: "task" },
    ],
    ["start -> loop", "loop -> c"],
  );

  test("lets flow through on its own side only, and attachments across", () => {
    const code = (written: string) => {
      const answer = canConnect(nested, registry, edgeOf(written, 99));
      return answer.ok ? "ok" : answer.problem.code;
    };
    expect(code("a -> b")).toBe("ok");
    expect(code("c ~> b:tools")).toBe("ok");
    expect(["start -> a", "a -> c", "loop -> a", "a -> loop"].map(code)).toEqual(Array.from({ length: 4 }, () => "crosses_container"));
  });

  test("gives the nodes inside names of their own", () => {
    const { properties } = scopeSchemaFor(nested, registry, "b");
    expect(Object.keys(properties!)).toEqual(["input", "variables", "run", "start", "loop", "item", "index"]);
    expect(properties).toMatchObject({ item: { type: "string" }, index: { type: "integer" } });
    expect(Object.keys(properties!["loop"]!.properties!)).toEqual(["item", "index", "previous"]);
    expect(Object.keys(scopeSchemaFor(nested, registry, "c").properties!["loop"]!.properties!)).toEqual(["output"]);
  });
});

describe("scopeSchemaFor", () => {
  const names = (nodeId: string): string[] => Object.keys(scopeSchemaFor(document, registry, nodeId).properties!);

  test("has what ran before, and what every node may read", () => {
    expect(names("start")).toEqual(["input", "variables", "run"]);
    expect(names("m")).toEqual(["input", "variables", "run", "start", "a", "b"]);
    expect(scopeSchemaFor(document, registry, "a").properties).toMatchObject({
      input: { properties: { message: { type: "string" } } },
      variables: { properties: { tone: { type: ["string", "null"] } }, additionalProperties: false },
      start: { properties: { output: { properties: { message: { type: "string" } } } } },
    });
  });

  test("gives a tool what its host sees, and its arguments", () => {
    expect(names("tool")).toEqual(["input", "variables", "run", "start", "a", "b", "args"]);
    expect(scopeSchemaFor(document, registry, "tool").properties!["args"]).toEqual({
      type: "object",
      properties: { query: { type: "string" } },
    });
    expect(names("n")).not.toContain("args");
  });

  test("has `error` only where a run goes on after one", () => {
    const { properties } = scopeSchemaFor(document, registry, "m");
    expect(Object.keys(properties!["a"]!.properties!)).toEqual(["output"]);
    expect(Object.keys(properties!["b"]!.properties!)).toEqual(["output", "error"]);
  });

  test("knows the shared names for a node that is not there", () => {
    expect(names("gone")).toEqual(["input", "variables", "run"]);
  });
});

describe("findAncestors", () => {
  test("finds what a walk from each node finds, circles included", () => {
    let seed = 7;
    const next = (limit: number): number => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) % limit;
    for (let round = 0; round < 60; round += 1) {
      const size = 1 + next(70);
      const nodes = Array.from({ length: size }, (_, index) => ({ id: `n${index}`, type: "task" }));
      const graph = readGraph(
        documentOf(
          nodes,
          Array.from({ length: next(size * 2) }, () => `n${next(size)} -> n${next(size)}`),
        ),
        registry,
      );
      const ancestors = findAncestors(graph);
      for (const node of nodes.keys()) {
        const seen = new Set<number>();
        const pending = [...graph.flowFrom[node]!];
        while (pending.length > 0) {
          const previous = pending.pop()!;
          if (!seen.has(previous)) pending.push(...graph.flowFrom[previous]!);
          seen.add(previous);
        }
        expect(ancestors.list(node)).toEqual([...seen].toSorted((left, right) => left - right));
      }
    }
  });
});
