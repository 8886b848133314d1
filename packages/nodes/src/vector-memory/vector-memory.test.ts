import { runNode } from "@heddle/testing/node-context";
import { describe, expect, it } from "vitest";
import { vectorMemory } from "./definition.ts";
import { handler } from "./handler.ts";

function store() {
  const calls: unknown[][] = [];
  const log =
    <T>(name: string, result: T) =>
    async (...args: unknown[]): Promise<T> => {
      const [request, ...rest] = args as [{ signal?: unknown }, ...unknown[]];
      const { signal: _signal, ...plain } = request;
      calls.push([name, plain, ...rest]);
      return result;
    };
  const found = [
    { id: "1", name: "habit", text: "tea at four", metadata: { who: "ada" }, score: 0.812345, createdAt: 5 },
    { id: "2", text: "coffee at nine", metadata: null, score: 0.4, createdAt: 6 },
  ];
  return {
    calls,
    services: { vectors: { remember: log("remember", { id: "7" }), recall: log("recall", found), forget: log("forget", 2) } },
  };
}

describe("vector-memory", () => {
  it("recalls the closest texts, of what the run began with when no text is given", async () => {
    const { calls, services } = store();
    const { output } = await runNode(vectorMemory, handler, { input: { message: "tea?" }, params: { limit: 2 }, services });
    expect(calls).toEqual([["recall", { scope: "agent", query: "tea?", limit: 2, minScore: 0 }]]);
    expect(output).toEqual({
      memories: [
        { id: "1", name: "habit", text: "tea at four", details: { who: "ada" }, score: 0.8123, createdAt: 5 },
        { id: "2", text: "coffee at nine", details: null, score: 0.4, createdAt: 6 },
      ],
      text: "tea at four\ncoffee at nine",
      count: 2,
    });
  });

  it("remembers once for each step", async () => {
    const { calls, services } = store();
    const params = { operation: "remember", scope: "workspace", text: "tea", name: "habit", details: { a: 1 }, ttlSeconds: "60" };
    expect((await runNode(vectorMemory, handler, { params, services })).output).toEqual({ id: "7" });
    expect(calls).toEqual([
      ["remember", { scope: "workspace", text: "tea", name: "habit", metadata: { a: 1 }, ttlMs: 60_000 }, "run-1:node#"],
    ]);
  });

  it.each<[object, object]>([
    [{ name: "habit" }, { scope: "agent", name: "habit" }],
    [{ text: "tea" }, { scope: "agent", query: "tea", minScore: 0.9 }],
    [
      { text: "tea", minScore: "0.5" },
      { scope: "agent", query: "tea", minScore: 0.5 },
    ],
  ])("forgets by %j", async (params, request) => {
    const { calls, services } = store();
    expect((await runNode(vectorMemory, handler, { params: { operation: "forget", ...params }, services })).output).toEqual({ count: 2 });
    expect(calls).toEqual([["forget", request]]);
  });

  it.each<[string, object]>([
    ["forgetting by nothing", { operation: "forget" }],
    ["too many", { limit: 51 }],
    ["a closeness beyond the same", { minScore: 1.1 }],
    ["recalling nothing", {}],
  ])("refuses %s", async (_name, params) => {
    const { services } = store();
    await expect(runNode(vectorMemory, handler, { params: { ...params }, services })).rejects.toMatchObject({ code: "param_invalid" });
  });
});
