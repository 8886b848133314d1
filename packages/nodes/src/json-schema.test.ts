import type { Json, JsonSchema } from "@heddle/schema";
import { describe, expect, it } from "vitest";
import { checkAgainstSchema, toProblems } from "./json-schema.ts";

const order: JsonSchema = {
  type: "object",
  properties: {
    id: { type: "string", pattern: "^[A-Z]{2}-\\d+$" },
    email: { type: "string", format: "email" },
    items: { type: "array", items: { type: "object", properties: { price: { type: "number", minimum: 0 } }, required: ["price"] } },
    kind: { enum: ["new", "used"] },
  },
  required: ["id"],
  additionalProperties: false,
};

describe("checkAgainstSchema", () => {
  it.each<[string, JsonSchema, Json]>([
    ["anything under an empty schema", {}, { a: [1, null] }],
    ["a value that fits", order, { id: "AB-1", email: "a@b.example", items: [{ price: 1.5 }], kind: "new" }],
    ["a recursive schema", { $ref: "#/$defs/tree", $defs: { tree: { type: "array", items: { $ref: "#/$defs/tree" } } } }, [[], [[]]]],
    ["a property that is called pattern", { properties: { pattern: { type: "number" } } }, { pattern: 1 }],
  ])("finds nothing wrong with %s", (_name, schema, value) => {
    expect(checkAgainstSchema(schema, value)).toEqual([]);
  });

  it.each<[string, JsonSchema, Json, { path: string; message: string }[]]>([
    ["a missing property", order, {}, [{ path: "id", message: "is missing" }]],
    ["a wrong type", order, { id: 7 }, [{ path: "id", message: "should be text, not a number" }]],
    ["a wrong type at the top", order, [], [{ path: "", message: "should be an object, not a list" }]],
    ["a pattern", order, { id: "ab" }, [{ path: "id", message: "does not match the pattern ^[A-Z]{2}-\\d+$" }]],
    ["a format", order, { id: "AB-1", email: "nobody" }, [{ path: "email", message: "is not a valid email" }]],
    ["something unexpected", order, { id: "AB-1", colour: "red" }, [{ path: "colour", message: "is not expected here" }]],
    ["a deep place", order, { id: "AB-1", items: [{ price: 1 }, {}] }, [{ path: "items.1.price", message: "is missing" }]],
    [
      "a list of values",
      order,
      { id: "AB-1", kind: "old" },
      [{ path: "kind", message: 'is not one of the values that are allowed: "new","used"' }],
    ],
    ["a web address that is none", { format: "url" }, "relative/path", [{ path: "", message: "is not a valid uri" }]],
    ["two types", { type: ["string", "null"] }, 1, [{ path: "", message: "should be text or null, not a number" }]],
    [
      "alternatives, as one problem",
      { anyOf: [{ type: "string" }, { type: "object", required: ["a"] }] },
      { b: 1 },
      [{ path: "", message: "fits none of the shapes that are allowed" }],
    ],
  ])("names %s and its place", (_name, schema, value, problems) => {
    expect(checkAgainstSchema(schema, value)).toEqual(problems);
  });

  it("finds everything at once", () => {
    expect(
      checkAgainstSchema(order, { email: 1, items: [{}, { price: -1 }], x: 0 })
        .map(({ path }) => path)
        .toSorted(),
    ).toEqual(["email", "id", "items.0.price", "items.1.price", "x"]);
  });

  it.each<[string, JsonSchema, Json]>([
    ["pattern", { pattern: "^(a+)+$" }, `${"a".repeat(50_000)}!`],
    ["format url", { format: "url" }, `http://${"a".repeat(5_000)}|`],
  ])("takes no exponential time over a hostile %s", (_name, schema, value) => {
    expect(checkAgainstSchema(schema, value)).toHaveLength(1);
  });

  it("leaves the caller's schema as it was, frozen or not", () => {
    const frozen = Object.freeze({
      type: "object",
      properties: Object.freeze({ a: Object.freeze({ type: "string", pattern: "x" }) }),
    }) as JsonSchema;
    expect(checkAgainstSchema(frozen, { a: "y" })).toHaveLength(1);
    expect(JSON.stringify(frozen)).toBe('{"type":"object","properties":{"a":{"type":"string","pattern":"x"}}}');
  });

  it("keeps one schema's patterns from another's", () => {
    expect(checkAgainstSchema({ pattern: "a" }, "b")).toHaveLength(1);
    expect(checkAgainstSchema({ pattern: "b" }, "b")).toEqual([]);
    expect(checkAgainstSchema({ format: "pattern 0: a" }, "b")).toEqual([]);
  });

  it("says so when a value never ends", () => {
    expect(checkAgainstSchema({ $ref: "#" }, 1)).toEqual([{ path: "", message: "is nested too deeply to be checked" }]);
  });

  it.each<[string, JsonSchema]>([
    ["a pattern that can't be read", { pattern: "(" }],
    ["look-ahead", { pattern: "(?=a)" }],
    ["patternProperties", { properties: { a: { patternProperties: { x: {} } } } }],
    ["a reference to nothing", { $ref: "#/$defs/none" }],
    ["endless nesting", Array.from({ length: 100 }).reduce<JsonSchema>((inner) => ({ not: inner }), {})],
  ])("refuses a schema with %s", (_name, schema) => {
    expect(() => checkAgainstSchema(schema, "x")).toThrow(expect.objectContaining({ code: "param_invalid" }));
  });
});

describe("toProblems", () => {
  it("places them under a field", () => {
    expect(toProblems([{ path: "a.0", message: "is missing" }], "input", "input_invalid")).toEqual([
      { code: "input_invalid", severity: "error", field: "input.a.0", message: "input.a.0 is missing." },
    ]);
  });
});
