import { describe, expect, it } from "vitest";
import { loop } from "./definition.ts";

const issues = (params: object) => loop.params.safeParse(params).error?.issues.map(({ path }) => path.join(".")) ?? [];

describe("loop", () => {
  it.each<[object, string[]]>([
    [{}, ["items"]],
    [{ items: "" }, ["items"]],
    [{ items: "{{ input.orders }}" }, []],
    [{ mode: "while" }, ["condition"]],
    [{ mode: "while", condition: false }, []],
    [{ mode: "count" }, ["count"]],
    [{ mode: "count", count: "3" }, []],
    [{ mode: "count", count: -1 }, ["count"]],
    [{ mode: "count", count: 1, maxIterations: 100_001 }, ["maxIterations"]],
  ])("checks %j", (params, fields) => {
    expect(issues(params)).toEqual(fields);
  });

  it("says on its card what it goes round for", () => {
    expect(loop.describe({ items: "{{ input.orders }}" } as never)).toBe("Each of · {{ input.orders }}");
    expect(loop.describe({ mode: "while", condition: "{{ index < 3 }}" } as never)).toBe("While · {{ index < 3 }}");
    expect(loop.describe({ mode: "count", count: 3 } as never)).toBe("3 times");
  });

  it("has no results where none are kept", () => {
    expect(loop.output({ collect: false } as never)).toMatchObject({ properties: { items: { maxItems: 0 } } });
    expect(loop.output({} as never)).toMatchObject({ required: ["items", "count", "failed"] });
  });
});
