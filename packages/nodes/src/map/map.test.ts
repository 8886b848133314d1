import { describe, expect, it } from "vitest";
import { map } from "./definition.ts";

describe("map", () => {
  it("wants a list, and between 1 and 100 items at a time", () => {
    const issues = (params: object) => map.params.safeParse(params).error?.issues.map(({ path }) => path.join(".")) ?? [];
    expect(issues({})).toEqual(["items"]);
    expect(issues({ items: "{{ input.orders }}" })).toEqual([]);
    expect(issues({ items: [1], concurrency: 0 })).toEqual(["concurrency"]);
    expect(issues({ items: [1], concurrency: 101 })).toEqual(["concurrency"]);
    expect(map.params.parse({ items: [1] })).toMatchObject({ concurrency: 5, onItemError: "fail", collect: true });
  });

  it("says on its card what it works on", () => {
    expect(map.describe({ items: "{{ input.mails }}", concurrency: 10 } as never)).toBe("Each of {{ input.mails }} · 10 at a time");
    expect(map.describe({ items: [1, 2] } as never)).toBe("Each of 2 items · 5 at a time");
  });
});
