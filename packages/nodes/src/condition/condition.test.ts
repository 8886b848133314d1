import { runNode } from "@heddle/testing/node-context";
import { describe, expect, it } from "vitest";
import { condition } from "./definition.ts";
import { handler } from "./handler.ts";

const branch = (id: string, when: unknown) => ({ id, name: id.toUpperCase(), when });
const run = (branches: object[], mode = "first") => runNode(condition, handler, { params: { branches, mode } });

describe("condition", () => {
  it("goes on along the first branch that matches", async () => {
    expect(await run([branch("a", false), branch("b", true), branch("c", true)])).toMatchObject({
      ports: ["b"],
      output: { branch: "b", name: "B", matched: ["b"] },
    });
  });

  it("goes on along all branches that match", async () => {
    expect(await run([branch("a", true), branch("b", false), branch("c", true)], "all")).toMatchObject({
      ports: ["a", "c"],
      output: { branch: "a", matched: ["a", "c"] },
    });
  });

  it.each(["first", "all"])("goes on along Otherwise when none matches (%s)", async (mode) => {
    expect(await run([branch("a", false)], mode)).toMatchObject({
      ports: ["else"],
      output: { branch: "else", name: "Otherwise", matched: [] },
    });
  });

  it.each<[unknown, boolean]>([
    [true, true],
    [1, true],
    ["yes", true],
    ["0", true],
    [{}, true],
    [[0], true],
    [false, false],
    [0, false],
    [Number.NaN, false],
    ["", false],
    [" ", false],
    ["false", false],
    ["False ", false],
    [null, false],
    [undefined, false],
    [[], false],
  ])("takes %j for %s", async (value, expected) => {
    expect((await run([branch("a", value)])).ports).toEqual([expected ? "a" : "else"]);
  });

  it.each<[string, object[]]>([
    ["no branch", []],
    ["two branches with one id", [branch("a", 1), branch("a", 1)]],
    ["a branch called else", [branch("else", 1)]],
    ["a branch called error", [branch("error", 1)]],
    ["a branch without an id", [{ name: "x" }]],
  ])("refuses %s", async (_name, branches) => {
    await expect(run(branches)).rejects.toMatchObject({ code: "param_invalid" });
  });

  it("has a port for each branch and one for the rest, and shows a lone condition on its card", () => {
    const branches = [{ id: "sure", name: "Sure", when: "{{ classify.output.confidence > 0.5 }}" }];
    expect(condition.outputs({ branches } as never)).toEqual([
      { name: "sure", label: "Sure" },
      { name: "else", label: "Otherwise" },
    ]);
    expect(condition.describe({ branches } as never)).toBe("classify.output.confidence > 0.5");
    expect(condition.describe({ branches: [...branches, { id: "b" }] } as never)).toBe("Sure, b");
  });
});
