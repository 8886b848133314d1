import type { JsonSchema } from "@heddle/schema";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isAssignable, mayFit } from "./is-assignable.ts";

const text: JsonSchema = { type: "string" };
const object = (
  properties: Record<string, JsonSchema>,
  required: string[] = Object.keys(properties),
  rest: JsonSchema = {},
): JsonSchema => ({ type: "object", properties, required, ...rest });

describe("isAssignable", () => {
  test.each<[string, JsonSchema, JsonSchema]>([
    ["anything to anything", {}, {}],
    ["a text to anything", text, {}],
    ["what is unknown to a text", {}, text],
    ["a whole number to a number", { type: "integer" }, { type: "number" }],
    ["an alternative to a union", text, { anyOf: [text, { type: "null" }] }],
    ["a union to a wider one", { type: ["string", "null"] }, { type: ["string", "null", "number"] }],
    ["a choice to a text", { enum: ["a", "b"] }, text],
    ["a choice to a wider one", { enum: ["a"] }, { enum: ["a", "b"] }],
    ["an object with more fields", object({ a: text, b: text }), object({ a: text })],
    ["an object without an optional field", object({}), object({ a: text }, [])],
    ["an open object to one with fields", { type: "object" }, object({ a: text })],
    ["fields of one kind to a record", object({ a: text }), { type: "object", additionalProperties: text }],
    ["a list of the same", { type: "array", items: text }, { type: "array", items: text }],
    ["a list of anything", { type: "array" }, { type: "array", items: text }],
    ["all parts of allOf at once", { allOf: [object({ a: text }), object({ b: text })] }, object({ a: text, b: text })],
  ])("lets %s", (_, from, to) => {
    expect(isAssignable(from, to)).toBe(true);
  });

  test.each<[string, JsonSchema, JsonSchema]>([
    ["a number to a text", { type: "number" }, text],
    ["a number to a whole number", { type: "number" }, { type: "integer" }],
    ["what may be null", { type: ["string", "null"] }, text],
    ["any text to a choice", text, { enum: ["a"] }],
    ["a wider choice", { enum: ["a", "b"] }, { const: "a" }],
    ["an object without a required field", object({ b: text }), object({ a: text })],
    ["a field of another type", object({ a: text }), object({ a: { type: "number" } })],
    ["further fields to a closed object", object({ a: text, b: text }), object({ a: text }, ["a"], { additionalProperties: false })],
    ["a field that does not fit a record", object({ a: { type: "number" } }), { type: "object", additionalProperties: text }],
    ["a list of others", { type: "array", items: text }, { type: "array", items: { type: "number" } }],
    ["a list to an object", { type: "array" }, { type: "object" }],
  ])("refuses %s", (_, from, to) => {
    expect(isAssignable(from, to)).toBe(false);
  });

  const schema = fc.letrec<{ schema: JsonSchema }>((tie) => ({
    schema: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom<JsonSchema>(
        text,
        { type: "number" },
        { type: "integer" },
        { type: "boolean" },
        { type: "null" },
        { enum: ["a", 1] },
        { const: "a" },
      ),
      fc.tuple(tie("schema"), tie("schema")).map(([left, right]): JsonSchema => ({ anyOf: [left, right] })),
      tie("schema").map((items): JsonSchema => ({ type: "array", items })),
      fc
        .dictionary(fc.constantFrom("a", "b", "c"), tie("schema"))
        .map((properties): JsonSchema => object(properties, Object.keys(properties), { additionalProperties: false })),
    ),
  })).schema;

  test("lets every schema go to itself and to a union with it", () => {
    fc.assert(
      fc.property(schema, schema, (one, other) => {
        expect(isAssignable(one, one)).toBe(true);
        expect(isAssignable(one, { anyOf: [other, one] })).toBe(true);
      }),
    );
  });

  test("is transitive, and never stricter than mayFit", () => {
    fc.assert(
      fc.property(schema, schema, schema, (a, b, c) => {
        if (isAssignable(a, b) && isAssignable(b, c)) expect(isAssignable(a, c)).toBe(true);
        if (isAssignable(a, b)) expect(mayFit(a, b)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});
