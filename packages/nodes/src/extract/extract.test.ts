import { runNode } from "@heddle/testing/node-context";
import type { ChatRequest } from "@heddle/node-kit";
import type { Json } from "@heddle/schema";
import { describe, expect, it } from "vitest";
import { extract } from "./definition.ts";
import { handler } from "./handler.ts";

const orders = {
  orders: [
    { id: "AB-1", price: 5 },
    { id: "CD-2", price: 15 },
  ],
};

describe("extract by path", () => {
  it.each<[string, Json[]]>([
    ["$.orders[0].id", ["AB-1"]],
    ["$.orders[*].id", ["AB-1", "CD-2"]],
    ["$.orders[?@.price > 10].id", ["CD-2"]],
    ["$..price", [5, 15]],
    ["$.orders[?match(@.id, '[A-B]+-\\\\d')].price", [5]],
    ["$.orders[?search(@.id, 'D')].price", [15]],
    ["$.nothing", []],
  ])("%s finds %j", async (path, values) => {
    const { output } = await runNode(extract, handler, { params: { path, from: orders } });
    expect(output).toEqual({ value: values[0] ?? null, values, groups: {}, found: values.length > 0 });
  });

  it.each([["orders"], ["$["], ["$.a..b..c..d"]])("refuses the path %s", async (path) => {
    await expect(runNode(extract, handler, { params: { path, from: {} } })).rejects.toMatchObject({ code: "param_invalid" });
  });

  it("takes no exponential time over a hostile pattern in a filter", async () => {
    const params = { path: "$[?match(@, '(a+)+b')]", from: ["a".repeat(50_000)] };
    expect((await runNode(extract, handler, { params })).output).toMatchObject({ found: false });
  });
});

describe("extract by pattern", () => {
  it.each<[string, Record<string, unknown>, Json, object]>([
    ["all matches", { pattern: "[A-Z]{2}-\\d+" }, "AB-17 and CD-2", { value: "AB-17", values: ["AB-17", "CD-2"] }],
    ["named groups", { pattern: "(?P<kind>[A-Z]+)-(?P<number>\\d+)" }, "AB-17 CD-2", { groups: { kind: "AB", number: "17" } }],
    ["named groups as JavaScript writes them", { pattern: "(?<kind>[A-Z]+)-(?<none>x)?" }, "AB-", { groups: { kind: "AB" } }],
    ["upper and lower case", { pattern: "order", ignoreCase: true }, "My ORDER", { value: "ORDER" }],
    ["every line", { pattern: "^\\w+$", multiline: true }, "one\ntwo", { values: ["one", "two"] }],
    ["data as JSON", { pattern: '"id":"([^"]+)"' }, { id: "x" }, { value: '"id":"x"' }],
    ["nothing", { pattern: "z" }, "abc", { value: null, values: [], groups: {}, found: false }],
  ])("finds %s", async (_name, params, from, expected) => {
    expect((await runNode(extract, handler, { params: { mode: "regex", from, ...params } })).output).toEqual(
      expect.objectContaining(expected),
    );
  });

  it.each([["("], ["(?=a)"], ["(a)\\1"], ["a".repeat(2_001)]])("refuses the pattern %#", async (pattern) => {
    await expect(runNode(extract, handler, { params: { mode: "regex", pattern, from: "a" } })).rejects.toMatchObject({
      code: "param_invalid",
    });
  });

  it("takes no exponential time over a hostile pattern", async () => {
    const params = { mode: "regex", pattern: "^(a+)+$", from: `${"a".repeat(50_000)}!` };
    expect((await runNode(extract, handler, { params })).output).toMatchObject({ found: false });
  });
});

const schema = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
function model(...answers: string[]) {
  const requests: ChatRequest[] = [];
  const chat = async (request: ChatRequest) => {
    requests.push(request);
    const call = { provider: "p", model: "m", usage: { inputTokens: 10, outputTokens: 2 }, durationMs: 1 };
    return { text: answers[requests.length - 1] ?? "", toolCalls: [], finishReason: "stop" as const, call };
  };
  return { requests, services: { models: { chat } } };
}

describe("extract by a model", () => {
  it("fills in the schema", async () => {
    const { requests, services } = model('{"city":"Ulm"}');
    const { output, modelCalls } = await runNode(extract, handler, {
      params: { mode: "model", schema, instructions: "Cities only." },
      arrived: ["I live in Ulm"],
      services,
    });
    expect(output).toEqual({ value: { city: "Ulm" }, values: [{ city: "Ulm" }], groups: {}, found: true });
    expect(requests[0]).toMatchObject({
      connection: "auto",
      responseSchema: schema,
      temperature: 0,
      messages: [{ role: "system" }, { role: "user", content: "I live in Ulm" }],
    });
    expect(requests[0]?.messages[0]?.content).toContain("Cities only.");
    expect(modelCalls).toHaveLength(1);
  });

  it("has an answer mended that does not fit", async () => {
    const { requests, services } = model('{"town":"Ulm"}', 'Here you are:\n```json\n{"city":"Ulm"}\n```');
    const { output, modelCalls } = await runNode(extract, handler, { params: { mode: "model", schema, from: "x" }, services });
    expect(output).toMatchObject({ value: { city: "Ulm" } });
    expect(requests[1]?.messages.at(-1)?.content).toContain("city is missing");
    expect(modelCalls).toHaveLength(2);
  });

  it("fails when the second answer does not fit either", async () => {
    const { services } = model("no", "still no");
    await expect(runNode(extract, handler, { params: { mode: "model", schema, from: "x" }, services })).rejects.toMatchObject({
      code: "output_invalid",
    });
  });
});

describe("extract", () => {
  it("stops the run when nothing is found, if told to", async () => {
    await expect(runNode(extract, handler, { params: { path: "$.a", from: {}, onMissing: "fail" } })).rejects.toMatchObject({
      code: "extraction_empty",
    });
  });

  it.each([
    ["jsonpath", "path"],
    ["regex", "pattern"],
    ["model", "schema"],
  ])("in mode %s wants a %s", async (mode, field) => {
    await expect(runNode(extract, handler, { params: { mode, from: 1 } })).rejects.toMatchObject({
      code: "param_invalid",
      details: { field },
    });
  });

  it("types its value by the schema that a model fills in", () => {
    expect(extract.output({ mode: "model", schema } as never)).toMatchObject({ properties: { value: schema } });
  });
});
