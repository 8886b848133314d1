import { runNode } from "@heddle/testing/node-context";
import type { Json } from "@heddle/schema";
import { describe, expect, it } from "vitest";
import { split } from "./definition.ts";
import { handler } from "./handler.ts";

const run = async (params: object, arrived: Json[] = []) => (await runNode(split, handler, { params: { ...params }, arrived })).output;

describe("split", () => {
  it("makes batches of a list, the last one smaller", async () => {
    expect(await run({ size: 2 }, [[1, 2, 3]])).toEqual({ items: [[1, 2], [3]], count: 2 });
    expect(await run({ items: [] })).toEqual({ items: [], count: 0 });
  });

  it("takes the lists inside items apart, with the rest of each item where wanted", async () => {
    const items = [{ id: 1, lines: [{ sku: "a" }, { sku: "b", id: 7 }] }, { id: 2, lines: "c" }, { id: 3 }];
    expect(await run({ mode: "items", field: "lines", items })).toMatchObject({ items: [{ sku: "a" }, { sku: "b", id: 7 }, "c"] });
    expect(await run({ mode: "items", field: "lines", keepRest: true, items })).toEqual({
      items: [
        { id: 1, sku: "a" },
        { id: 7, sku: "b" },
        { id: 2, lines: "c" },
      ],
      count: 3,
    });
  });

  it.each<[string, object, string, string[]]>([
    ["lines", {}, "a\r\n\n b \nc", ["a", "b", "c"]],
    ["lines with blanks", { keepEmpty: true }, "a\n\n b", ["a", "", " b"]],
    ["at a separator", { separator: "," }, "a, b,,c", ["a", "b", "c"]],
    ["at a written line break", { separator: "\\n\\n" }, "a\nb\n\nc", ["a\nb", "c"]],
  ])("splits a text %s", async (_name, params, text, items) => {
    expect(await run({ mode: "text", text, ...params })).toEqual({ items, count: items.length });
  });

  it("refuses what can't be split", async () => {
    await expect(run({ mode: "text", text: { a: 1 } })).rejects.toMatchObject({ code: "param_invalid" });
    await expect(run({ mode: "batches", items: 7 })).rejects.toMatchObject({ message: "List is a number, not a list." });
    await expect(run({ mode: "items", items: [] })).rejects.toMatchObject({ code: "param_invalid" });
    await expect(run({ size: 0, items: [] })).rejects.toMatchObject({ code: "param_invalid" });
  });

  it("types its parts", () => {
    const lines = { type: "array", items: { type: "object", properties: { sku: { type: "string" } } } };
    const orders = { type: "array", items: { type: "object", properties: { lines } } } as const;
    const parts = (params: object) => split.output(params as never, () => orders as never).properties?.["items"];
    expect(parts({ mode: "text" })).toEqual({ type: "array", items: { type: "string" } });
    expect(parts({})).toEqual({ type: "array", items: orders });
    expect(parts({ mode: "items", field: "lines" })).toEqual({ type: "array", items: lines.items });
  });
});
