import { runNode } from "@heddle/testing/node-context";
import { describe, expect, it } from "vitest";
import { merge } from "./definition.ts";
import { handler } from "./handler.ts";

const arrivals = {
  in: [
    { nodeId: "fast", port: "out", value: 1 },
    { nodeId: "slow", port: "out", value: { a: 2 } },
  ],
};

describe("merge", () => {
  it.each([
    ["all", { branches: { fast: 1, slow: { a: 2 } } }],
    ["any", 1],
    ["first", 1],
    [undefined, { branches: { fast: 1, slow: { a: 2 } } }],
  ])("in mode %s gives %j", async (mode, output) => {
    expect((await runNode(merge, handler, { params: { mode }, arrivals })).output).toEqual(output);
  });

  it("gives nothing when nothing arrived", async () => {
    expect((await runNode(merge, handler, { params: { mode: "any" } })).output).toBeNull();
    expect((await runNode(merge, handler, { params: { mode: "all" } })).output).toEqual({ branches: {} });
  });

  it("gives the first few in order of arrival, and by node", async () => {
    expect((await runNode(merge, handler, { params: { mode: "firstN", n: 2 }, arrivals })).output).toEqual({
      values: [1, { a: 2 }],
      branches: { fast: 1, slow: { a: 2 } },
    });
  });

  describe("joined by a key", () => {
    const orders = [{ id: 1, customer: { id: "a" } }, { id: 2, customer: { id: "b" } }, { id: 3, customer: { id: "a" } }, { id: 4 }];
    const people = {
      items: [
        { name: "Ada", customer: { id: "a" } },
        { name: "Cy", customer: { id: "c" } },
      ],
    };
    const arrived = [
      { nodeId: "orders", port: "out", value: orders },
      { nodeId: "people", port: "out", value: people },
    ];
    const join = async (unmatched: string, order = arrived) =>
      (await runNode(merge, handler, { params: { mode: "byKey", key: "customer.id", unmatched }, arrivals: { in: order } })).output;
    const [first, second, third] = orders;
    const [ada, cy] = people.items;

    it("puts rows together as a join of tables does", async () => {
      expect(await join("drop")).toEqual({
        items: [
          { key: "a", orders: first, people: ada },
          { key: "a", orders: third, people: ada },
        ],
        count: 2,
      });
      expect(await join("keep")).toEqual({
        items: [
          { key: "a", orders: first, people: ada },
          { key: "a", orders: third, people: ada },
          { key: "b", orders: second, people: null },
          { key: "c", orders: null, people: cy },
        ],
        count: 4,
      });
    });

    it("gives the same whichever list came first", async () => {
      expect(await join("keep", arrived.toReversed())).toEqual(await join("keep"));
    });

    it("refuses what is no list, and a join without bounds", async () => {
      const params = { mode: "byKey", key: "k" };
      await expect(runNode(merge, handler, { params, arrivals })).rejects.toMatchObject({
        message: 'What "fast" gives is a number, not a list.',
      });
      const many = Array.from({ length: 400 }, () => ({ k: 1 }));
      const both = ["a", "b"].map((nodeId) => ({ nodeId, port: "out", value: many }));
      await expect(runNode(merge, handler, { params, arrivals: { in: both } })).rejects.toMatchObject({ code: "value_too_large" });
      await expect(runNode(merge, handler, { params: { mode: "byKey" }, arrivals })).rejects.toMatchObject({ code: "param_invalid" });
    });
  });

  it("refuses another mode", async () => {
    await expect(runNode(merge, handler, { params: { mode: "last" } })).rejects.toMatchObject({ code: "param_invalid" });
  });
});
