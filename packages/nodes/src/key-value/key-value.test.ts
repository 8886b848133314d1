import { runNode } from "@heddle/testing/node-context";
import { HeddleError, type Json } from "@heddle/schema";
import { describe, expect, it } from "vitest";
import { keyValue } from "./definition.ts";
import { handler } from "./handler.ts";

function store(values: Record<string, Json> = {}) {
  const calls: unknown[][] = [];
  const log = <T>(result: T, ...call: unknown[]): Promise<T> => {
    calls.push(call);
    return Promise.resolve(result);
  };
  return {
    calls,
    services: {
      keyValues: {
        get: (...args: [string, string]) => log(values[args[1]], "get", ...args),
        set: (...args: unknown[]) => log(undefined, "set", ...args),
        increment: (...args: unknown[]) => log(5, "increment", ...args),
        delete: (...args: [string, string]) => log(args[1] in values, "delete", ...args),
      },
    },
  };
}

describe("key-value", () => {
  it.each<[string, Record<string, unknown>, Json, unknown[]]>([
    ["reads", { key: "a" }, { key: "a", value: 1, found: true }, ["get", "agent", "a"]],
    ["reads what is not there", { key: "b", fallback: [0] }, { key: "b", value: [0], found: false }, ["get", "agent", "b"]],
    ["reads null as a value", { key: "n", fallback: 1 }, { key: "n", value: null, found: true }, ["get", "agent", "n"]],
    [
      "writes",
      { operation: "set", scope: "workspace", key: "a", value: { x: 1 }, ttlSeconds: 2 },
      { key: "a", value: { x: 1 }, found: true },
      ["set", "workspace", "a", { x: 1 }, 2_000],
    ],
    [
      "writes nothing as null",
      { operation: "set", key: "a" },
      { key: "a", value: null, found: true },
      ["set", "agent", "a", null, undefined],
    ],
    [
      "counts, once for each step",
      { operation: "increment", scope: "conversation", key: "a", by: "2" },
      { key: "a", value: 5, found: true },
      ["increment", "conversation", "a", 2, "run-1:node#", undefined],
    ],
    [
      "counts for a time",
      { operation: "increment", key: "a", ttlSeconds: "60" },
      { key: "a", value: 5, found: true },
      ["increment", "agent", "a", 1, "run-1:node#", 60_000],
    ],
    [
      "forgets",
      { operation: "delete", scope: "execution", key: "a" },
      { key: "a", value: null, found: true },
      ["delete", "execution", "a"],
    ],
    ["forgets what is not there", { operation: "delete", key: "b" }, { key: "b", value: null, found: false }, ["delete", "agent", "b"]],
  ])("%s", async (_name, params, output, call) => {
    const { calls, services } = store({ a: 1, n: null });
    expect((await runNode(keyValue, handler, { params, services })).output).toEqual(output);
    expect(calls).toEqual([call]);
  });

  it("passes the store's errors on", async () => {
    const services = { keyValues: { increment: () => Promise.reject(new HeddleError("unprocessable", "a is not a number")) } };
    await expect(runNode(keyValue, handler, { params: { operation: "increment", key: "a" }, services })).rejects.toMatchObject({
      code: "unprocessable",
    });
  });

  it.each<[string, object]>([
    ["no name", {}],
    ["an unknown operation", { key: "a", operation: "clear" }],
    ["an unknown scope", { key: "a", scope: "world" }],
    ["adding words", { key: "a", operation: "increment", by: "many" }],
  ])("refuses %s", async (_name, params) => {
    await expect(runNode(keyValue, handler, { params: { ...params } })).rejects.toMatchObject({ code: "param_invalid" });
  });
});
