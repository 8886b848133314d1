import { HeddleError } from "@heddle/schema";
import { describe, expect, test } from "vitest";
import { compileValue } from "./compile-value.ts";

const scope = { input: { name: "Ann", tags: ["a"], missing: undefined } };

describe("compileValue", () => {
  test("evaluates templates wherever they are and keeps the shape", () => {
    const value = compileValue({ a: "{{ input.name }}", b: ["x {{ input.name }}", 1, { c: "{{ input.tags }}" }], d: null, e: true });
    expect(value.evaluate(scope)).toEqual({ a: "Ann", b: ["x Ann", 1, { c: ["a"] }], d: null, e: true });
    expect(value.references).toEqual(["input"]);
    expect(value.isLiteral).toBe(false);
  });

  test("leaves out fields without a value and keeps places in lists", () => {
    const value = compileValue({ a: "{{ input.missing }}", b: ["{{ input.missing }}", "{{ nobody.x }}"] });
    expect(Object.keys(value.evaluate(scope) as object)).toEqual(["b"]);
    expect(value.evaluate(scope)).toEqual({ b: [null, null] });
  });

  test("does the work once where nothing can change", () => {
    const value = compileValue({ a: ["\\{{ x }}", 1], b: {} });
    expect(value.isLiteral).toBe(true);
    expect(value.evaluate({})).toBe(value.evaluate(scope));
    expect(value.evaluate({})).toEqual({ a: ["{{ x }}", 1], b: {} });
  });

  test("does not evaluate names of fields", () => {
    expect(compileValue({ "{{ input.name }}": "{{ input.name }}" }).evaluate(scope)).toEqual({ "{{ input.name }}": "Ann" });
  });

  test("keeps a field called __proto__ a field", () => {
    const raw = JSON.parse('{"__proto__": {"x": "{{ input.name }}"}}') as { [key: string]: never };
    const result = compileValue(raw).evaluate(scope) as object;
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
    expect(JSON.stringify(result)).toBe('{"__proto__":{"x":"Ann"}}');
  });

  test.each([
    ["when it is compiled", { list: [{ when: "{{ input. }}" }] }],
    ["when it is evaluated", { list: [{ when: "{{ input.missing + 1 }}" }] }],
  ])("says which field is wrong %s", (_, raw) => {
    const error = caught(() => compileValue(raw).evaluate(scope));
    expect(error.code).toBe("expression_failed");
    expect(error.details?.["field"]).toBe("list.0.when");
    expect(error.message).toMatch(/^list\.0\.when: /);
  });
});

function caught(work: () => unknown): HeddleError {
  try {
    work();
  } catch (error) {
    if (error instanceof HeddleError) return error;
  }
  throw new Error("no HeddleError was thrown");
}
