import { runNode } from "@heddle/testing/node-context";
import { describe, expect, it } from "vitest";
import { sort } from "./definition.ts";
import { handler } from "./handler.ts";

const sorted = async (items: unknown, params: object = {}) =>
  ((await runNode(sort, handler, { params: { items, ...params } })).output as { items: unknown[] }).items;

describe("sort", () => {
  it.each<[string, unknown[], string, unknown[]]>([
    ["numbers", [10, 9, 100], "ascending", [9, 10, 100]],
    ["numbers in texts", ["10", "9", 100], "descending", [100, "10", "9"]],
    ["texts with numbers", ["file10", "file9", "Äpfel", "apfel"], "ascending", ["apfel", "Äpfel", "file9", "file10"]],
    ["dates", ["2026-03-01", "2025-12-31"], "ascending", ["2025-12-31", "2026-03-01"]],
    ["what is not there last", [null, 2, 1], "ascending", [1, 2, null]],
    ["what is not there last, downwards too", [null, 1, 2], "descending", [2, 1, null]],
  ])("orders %s", async (_name, items, direction, expected) => {
    expect(await sorted(items, { by: [{ direction }] })).toEqual(expected);
  });

  it("orders by one field, then by another, and leaves equals as they were", async () => {
    const rows = [
      { n: "b", customer: { age: 2 }, at: 1 },
      { n: "a", customer: { age: 2 }, at: 2 },
      { n: "b", customer: { age: 2 }, at: 3 },
      { n: "c", customer: { age: 9 }, at: 4 },
    ];
    const by = [{ field: "customer.age", direction: "descending" }, { field: "n" }];
    expect((await sorted(rows, { by })).map((row) => (row as { at: number }).at)).toEqual([4, 2, 1, 3]);
  });

  it("keeps the first few, and leaves the list that it was given alone", async () => {
    const given = [3, 1, 2];
    expect(await sorted(given, { limit: 2 })).toEqual([1, 2]);
    expect(given).toEqual([3, 1, 2]);
  });

  it("refuses what is no list", async () => {
    await expect(sorted({ a: 1 })).rejects.toMatchObject({ code: "param_invalid", message: "List is an object, not a list." });
  });

  it("says how on its card", () => {
    expect(sort.describe({ by: [{ field: "total", direction: "descending" }, {}], limit: 10 } as never)).toBe("total ↓, item ↑ · first 10");
  });
});
