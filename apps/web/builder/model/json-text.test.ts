import type { JsonSchema } from "@heddle/schema";
import { expect, test } from "vitest";
import { jsonText, readJsonText } from "./json-text.ts";
import { fieldsOfSchema, schemaOfFields } from "./schema-fields.ts";

test("reads JSON, one expression, or nothing", () => {
  expect(readJsonText(' {"a": "{{ input.x }}"} ')).toEqual({ ok: true, value: { a: "{{ input.x }}" } });
  expect(readJsonText("{{ input.items }}")).toEqual({ ok: true, value: "{{ input.items }}" });
  expect(readJsonText("  ")).toEqual({ ok: true, value: undefined });
  expect(readJsonText('{"a": ')).toMatchObject({ ok: false });
});

test("shows a value so that it reads back as itself", () => {
  for (const value of [{ a: [1, "x"] }, "{{ input }}", "plain", 3, null, false])
    expect(readJsonText(jsonText(value))).toEqual({ ok: true, value });
});

test("shows an expression without quotes", () => {
  expect(jsonText("{{ input.items }}")).toBe("{{ input.items }}");
});

test("a plain object schema is a table and stays itself", () => {
  const schema = {
    type: "object",
    properties: { id: { type: "string", pattern: "^A", description: "The order" } },
    required: ["id"],
    additionalProperties: false,
  };
  const fields = fieldsOfSchema(schema);
  expect(fields).toMatchObject([{ name: "id", type: "string", isRequired: true, description: "The order" }]);
  expect(schemaOfFields(fields ?? [], schema as JsonSchema)).toEqual(schema);
});

test("a schema that is more than a table is left to JSON", () => {
  expect(fieldsOfSchema({ anyOf: [{ type: "string" }] })).toBeUndefined();
  expect(fieldsOfSchema({ type: "object", properties: { a: { $ref: "#/x" } } })).toBeUndefined();
  expect(fieldsOfSchema({ type: "object", properties: {}, allOf: [{}] })).toBeUndefined();
  expect(fieldsOfSchema({ type: "array" })).toBeUndefined();
});
