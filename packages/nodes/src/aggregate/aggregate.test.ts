import { runNode } from "@heddle/testing/node-context";
import { describe, expect, it } from "vitest";
import { aggregate } from "./definition.ts";
import { handler } from "./handler.ts";

const orders = [
  { country: "DE", total: 10, customer: { name: "Ada" } },
  { country: "FR", total: "5", customer: { name: "Bob" } },
  { country: "DE", total: 2.5, customer: { name: "Cy" } },
  { country: "DE", customer: {} },
];
const run = async (params: object, items: unknown = orders) => (await runNode(aggregate, handler, { params: { items, ...params } })).output;

describe("aggregate", () => {
  it("works out figures by group, in the order in which groups come up", async () => {
    const calculations = [
      { operation: "count" },
      { operation: "sum", field: "total" },
      { operation: "avg", field: "total", name: "mean" },
      { operation: "collect", field: "customer.name" },
    ];
    expect(await run({ groupBy: [{ field: "country" }], calculations })).toEqual({
      groups: [
        { country: "DE", count: 3, sumTotal: 12.5, mean: 6.25, collectName: ["Ada", "Cy"] },
        { country: "FR", count: 1, sumTotal: 5, mean: 5, collectName: ["Bob"] },
      ],
      result: { country: "DE", count: 3, sumTotal: 12.5, mean: 6.25, collectName: ["Ada", "Cy"] },
      count: 2,
    });
  });

  it.each<[string, string | undefined, unknown]>([
    ["count", undefined, 4],
    ["count", "total", 3],
    ["sum", "total", 17.5],
    ["avg", "total", 17.5 / 3],
    ["min", "total", 2.5],
    ["max", "total", 10],
    ["min", "country", "DE"],
    ["first", "customer.name", "Ada"],
    ["last", "customer.name", "Cy"],
    ["collect", "total", [10, "5", 2.5]],
  ])("works out %s of %s over all", async (operation, field, expected) => {
    expect(await run({ calculations: [{ operation, field, name: "x" }] })).toMatchObject({ result: { x: expected }, count: 1 });
  });

  it("has a result for an empty list, but no groups", async () => {
    const calculations = ["count", "sum", "avg", "min", "collect", "last"].map((operation) => ({ operation, field: "a", name: operation }));
    expect(await run({ calculations }, [])).toMatchObject({ result: { count: 0, sum: 0, avg: null, min: null, collect: [], last: null } });
    expect(await run({ groupBy: [{ field: "a" }] }, [])).toEqual({ groups: [], result: null, count: 0 });
  });

  it("tells groups by value, not by how it reads", async () => {
    expect(await run({ groupBy: [{ field: "k" }] }, [{ k: 1 }, { k: "1" }, {}, { k: null }])).toMatchObject({ count: 3 });
  });

  it.each<[string, object]>([
    ["a sum of words", { calculations: [{ operation: "sum", field: "country" }] }],
    ["two results of one name", { calculations: [{ operation: "count" }, { operation: "count" }] }],
    ["a result that is called as a group", { groupBy: [{ field: "a.count" }], calculations: [{ operation: "count" }] }],
    ["a group without a field", { groupBy: [{}] }],
    ["a name that no expression can read", { calculations: [{ operation: "count", name: "a b" }] }],
  ])("refuses %s", async (_name, params) => {
    await expect(run(params)).rejects.toMatchObject({ code: "param_invalid" });
  });

  it("types its groups by the items", () => {
    const items = {
      type: "array",
      items: { type: "object", properties: { country: { type: "string" }, total: { type: "number" } } },
    } as const;
    const params = {
      items: "{{ x }}",
      groupBy: [{ field: "country" }],
      calculations: [
        { operation: "max", field: "total" },
        { operation: "collect", field: "country" },
      ],
    };
    expect(aggregate.output(params as never, () => items)).toMatchObject({
      properties: {
        result: {
          properties: {
            country: { type: "string" },
            maxTotal: { anyOf: [{ type: "number" }, { type: "null" }] },
            collectCountry: { type: "array", items: { type: "string" } },
          },
          required: ["country", "maxTotal", "collectCountry"],
        },
      },
    });
    expect(aggregate.describe(params as never)).toBe("Largest total, List of all country · by country");
  });
});
