import { describe, expect, it } from "vitest";
import { goto } from "./definition.ts";

describe("goto", () => {
  it("wants a target, and a limit of at most 1,000", () => {
    const issues = (params: object) => goto.params.safeParse(params).error?.issues.map(({ path }) => path.join(".")) ?? [];
    expect(issues({})).toEqual(["target"]);
    expect(issues({ target: "draft" })).toEqual([]);
    expect(issues({ target: "draft", maxJumps: 1_001 })).toEqual(["maxJumps"]);
  });

  it("is left when it is used up, with what arrived", () => {
    expect(goto.outputs({} as never)).toEqual([{ name: "exhausted", label: "Used up" }]);
    expect(goto.output({} as never, () => ({ type: "string" }))).toEqual({ type: "string" });
    expect(goto.describe({ target: "draft" } as never)).toBe("Back to draft · 10 times at most");
  });
});
