import { runNode } from "@heddle/testing/node-context";
import { describe, expect, it } from "vitest";
import { filter } from "./definition.ts";
import { handler } from "./handler.ts";

const orders = [
  { id: 1, status: "open", total: "12.5", customer: { country: "DE" }, tags: ["new"], paid: true, at: "2026-01-02" },
  { id: 2, status: "closed", total: 100, customer: { country: "FR" }, tags: [], paid: false, at: "2026-03-01" },
  { id: 3, status: "open", total: 9, note: " ", at: "2025-12-31" },
];
const kept = async (rule: object) => {
  const { output } = await runNode(filter, handler, { params: { items: orders, rules: [rule] } });
  return (output as { items: { id: number }[] }).items.map(({ id }) => id);
};

describe("filter", () => {
  it.each<[object, number[]]>([
    [{ field: "status", operator: "equals", value: "open" }, [1, 3]],
    [{ field: "status", operator: "notEquals", value: "open" }, [2]],
    [{ field: "total", operator: "greater", value: 12 }, [1, 2]],
    [{ field: "total", operator: "greaterOrEqual", value: "12.5" }, [1, 2]],
    [{ field: "total", operator: "less", value: 12.5 }, [3]],
    [{ field: "total", operator: "lessOrEqual", value: 12.5 }, [1, 3]],
    [{ field: "at", operator: "less", value: "2026-01-01" }, [3]],
    [{ field: "customer.country", operator: "greater", value: "A" }, [1, 2]],
    [{ field: "status", operator: "contains", value: "pe" }, [1, 3]],
    [{ field: "tags", operator: "contains", value: "new" }, [1]],
    [{ field: "customer", operator: "contains", value: "country" }, [1, 2]],
    [{ field: "status", operator: "notContains", value: "pe" }, [2]],
    [{ field: "status", operator: "startsWith", value: "cl" }, [2]],
    [{ field: "status", operator: "endsWith", value: "ed" }, [2]],
    [{ field: "status", operator: "matches", value: "^o.*n$" }, [1, 3]],
    [{ field: "customer.country", operator: "in", value: "DE, AT" }, [1]],
    [{ field: "id", operator: "in", value: [2, "3"] }, [2, 3]],
    [{ field: "note", operator: "isEmpty" }, [1, 2, 3]],
    [{ field: "tags", operator: "isNotEmpty" }, [1]],
    [{ field: "paid", operator: "isTrue" }, [1]],
    [{ field: "paid", operator: "isFalse" }, [2]],
    [{ field: "tags.0", operator: "equals", value: "new" }, [1]],
    [{ field: "constructor", operator: "isNotEmpty" }, []],
  ])("keeps by %j the orders %j", async (rule, ids) => {
    expect(await kept(rule)).toEqual(ids);
  });

  it("wants all rules to fit, or any", async () => {
    const rules = [
      { field: "status", operator: "equals", value: "open" },
      { field: "total", operator: "greater", value: 50 },
    ];
    const run = async (match: string) => (await runNode(filter, handler, { params: { items: orders, rules, match } })).output;
    expect(await run("all")).toEqual({ items: [], count: 0, dropped: 3 });
    expect(await run("any")).toMatchObject({ count: 3, dropped: 0 });
  });

  it("takes what arrives, a list or what a list node gave, and plain items", async () => {
    const rules = [{ operator: "greater", value: 1 }];
    expect((await runNode(filter, handler, { params: { rules }, arrived: [[1, 2, 3]] })).output).toMatchObject({ items: [2, 3] });
    expect((await runNode(filter, handler, { params: { rules }, arrived: [{ items: [1, 2] }] })).output).toMatchObject({ items: [2] });
  });

  it("refuses what is no list, and a pattern that can't be read", async () => {
    const rules = [{ operator: "matches", value: "(" }];
    await expect(runNode(filter, handler, { params: { items: "x", rules } })).rejects.toMatchObject({
      code: "param_invalid",
      message: "List is a text, not a list.",
    });
    await expect(runNode(filter, handler, { params: { items: undefined, rules }, arrived: [[1]] })).rejects.toMatchObject({
      message: "List is nothing, not a list.",
    });
    await expect(runNode(filter, handler, { params: { items: [], rules } })).rejects.toMatchObject({ code: "param_invalid" });
    await expect(runNode(filter, handler, { params: { items: [], rules: [] } })).rejects.toMatchObject({ message: "add a rule" });
  });

  it("keeps the type of its items", () => {
    const items = { type: "array", items: { type: "object", properties: { id: { type: "integer" } } } } as const;
    expect(filter.output({ items: "{{ x }}" } as never, () => items)).toMatchObject({ properties: { items } });
    expect(
      filter.describe({ rules: [{ field: "total", operator: "greater", value: 5 }, { operator: "isEmpty" }], match: "any" } as never),
    ).toBe("total greater than 5 or item empty");
  });
});
