import { describe, expect, test } from "vitest";
import { findReferences } from "./references.ts";

function names(source: string): string[] {
  return findReferences(source).map(({ name, start, end }) => `${name}${name === source.slice(start, end) ? "" : " (misplaced)"}`);
}

describe("findReferences", () => {
  test.each<[string, string[]]>([
    ["nothing", []],
    ["a {{ x.output }} b {{ y }}", ["x", "y"]],
    ["{{ x[y.z] + `${w}` }}", ["x", "y", "w"]],
    ["{{ list.map(item => item.x + other) }}", ["list", "other"]],
    ["{{ list.map(({ a, b: [c] }, d = e) => a + c + d + b) }}", ["list", "e", "b"]],
    ["{{ list.map(list => list) }}", ["list"]],
    ["{{ length(x) + round(round) }}", ["x", "round"]],
    ["{{ { a: x, [k]: 1, ...rest, x } }}", ["x", "k", "rest", "x"]],
    ["{{ a ? b : c ?? !d }}", ["a", "b", "c", "d"]],
    ["{{ undefined }} \\{{ no }} {{ broken. }} {{ yes }}", ["yes"]],
  ])("in %s", (source, expected) => {
    expect(names(source)).toEqual(expected);
  });

  test("tells which fields are read from a name", () => {
    expect(findReferences("{{ (a?.output)['x y'].z[0].w + b.c.d() }}").map(({ path }) => path)).toEqual([
      ["output", "x y", "z"],
      ["c", "d"],
    ]);
  });

  test("marks the short form of objects, where a name is also a key", () => {
    expect(findReferences("{{ { a, b: a } }}").map(({ isShorthand }) => isShorthand)).toEqual([true, false]);
  });
});
