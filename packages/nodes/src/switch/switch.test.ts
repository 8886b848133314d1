import { runNode } from "@heddle/testing/node-context";
import { describe, expect, it } from "vitest";
import { switchNode } from "./definition.ts";
import { handler } from "./handler.ts";

const cases = [
  { id: "refund", name: "Refund", equals: "refund" },
  { id: "five", equals: 5 },
  { id: "some", name: "Some", equals: ["a", "b"] },
  { id: "order", equals: { id: 1, tags: ["x"] } },
];
const run = (value: unknown, params: object = {}) => runNode(switchNode, handler, { params: { value, cases, ...params } });

describe("switch", () => {
  it.each<[unknown, string]>([
    ["refund", "refund"],
    [" refund ", "refund"],
    ["5", "five"],
    [5, "five"],
    ["b", "some"],
    [["a", "b"], "some"],
    [{ tags: ["x"], id: 1 }, "order"],
    [{ tags: ["y"], id: 1 }, "else"],
    ["Refund", "else"],
    [null, "else"],
    [undefined, "else"],
    [["refund"], "else"],
  ])("takes %j along %s", async (value, port) => {
    expect((await run(value)).ports).toEqual([port]);
  });

  it("says which case it took", async () => {
    expect((await run("refund")).output).toEqual({ branch: "refund", name: "Refund", value: "refund" });
    expect((await run(5)).output).toEqual({ branch: "five", name: "five", value: 5 });
    expect((await run("?")).output).toEqual({ branch: "else", name: "Otherwise", value: "?" });
  });

  it("takes the first of several that fit, and capitals for the same where told to", async () => {
    expect((await run("REFUND", { ignoreCase: true })).ports).toEqual(["refund"]);
    expect((await run(5, { cases: [{ id: "x", equals: 5 }, ...cases] })).ports).toEqual(["x"]);
  });

  it.each<[string, object[]]>([
    ["no case", []],
    ["two cases with one id", [{ id: "a" }, { id: "a" }]],
    ["a case called else", [{ id: "else" }]],
  ])("refuses %s", async (_name, given) => {
    await expect(run(1, { cases: given })).rejects.toMatchObject({ code: "param_invalid" });
  });

  it("has a port for each case, and carries the type of its value", () => {
    expect(switchNode.outputs({ cases } as never).map(({ name }) => name)).toEqual(["refund", "five", "some", "order", "else"]);
    expect(switchNode.describe({ value: "{{ input.kind }}", cases } as never)).toBe("{{ input.kind }} · Refund, five, Some, order");
    expect(switchNode.output({} as never, () => ({ type: "string" }))).toMatchObject({ properties: { value: { type: "string" } } });
  });
});
