import { describe, expect, test } from "vitest";
import { admitValue } from "./admit-value.ts";

describe("admitValue", () => {
  test("lets plain JSON through untouched", () => {
    const value = { text: "x", list: [1, true, null], nested: Object.assign(Object.create(null), { a: 1 }) };
    expect(admitValue(value, 1_000)).toBe(value);
  });

  test.for([
    ["plain text", "x".repeat(98), 100],
    ["escapes", '"'.repeat(49), 100],
    ["characters of several bytes", "ä".repeat(49), 100],
    ["an object", { key: "x".repeat(90) }, 100],
  ] as const)("knows the size of %s to the byte", ([, value, bytes]) => {
    expect(new TextEncoder().encode(JSON.stringify(value))).toHaveLength(bytes);
    expect(admitValue(value, bytes)).toEqual(value);
    expect(() => admitValue(value, bytes - 1)).toThrow(expect.objectContaining({ code: "value_too_large" }));
  });

  test.for([
    [undefined, null],
    [Number.POSITIVE_INFINITY, null],
    [{ a: undefined, b: [undefined], c: () => 1 }, { b: [null] }],
    [{ when: new Date(0) }, { when: "1970-01-01T00:00:00.000Z" }],
    [new Map([[1, 2]]), {}],
  ] as const)("replaces what JSON would change: %o", ([value, admitted]) => {
    expect(admitValue(value, 1_000)).toStrictEqual(admitted);
  });

  test("does not hold left-out fields against the size", () => {
    expect(admitValue({ a: undefined, b: undefined, c: undefined }, 2)).toEqual({});
  });

  test("refuses what no JSON can hold", () => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    expect(() => admitValue(circle, 10_000)).toThrow(expect.objectContaining({ code: "output_invalid" }));
    expect(() => admitValue({ big: 1n }, 10_000)).toThrow(expect.objectContaining({ code: "output_invalid" }));
  });

  test("gives up early on a small value that repeats itself without end", () => {
    let bomb: unknown = "x";
    for (let depth = 0; depth < 100; depth += 1) bomb = [bomb, bomb];
    expect(() => admitValue(bomb, 10_000)).toThrow(expect.objectContaining({ code: "value_too_large" }));
  });
});
