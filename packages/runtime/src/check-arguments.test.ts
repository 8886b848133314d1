import type { Json, JsonSchema } from "@heddle/schema";
import { expect, test } from "vitest";
import { checkArguments } from "./check-arguments.ts";

const schema: JsonSchema = {
  type: "object",
  properties: {
    city: { type: "string" },
    days: { type: ["integer", "null"] },
    unit: { enum: ["C", "F"] },
    tags: { type: "array" },
    at: { type: "object" },
  },
  required: ["city"],
  additionalProperties: false,
};

test.for([
  [{ city: "Oslo" }, undefined],
  [{ city: "Oslo", days: null, unit: "C", tags: [], at: {} }, undefined],
  [{}, '"city" is missing'],
  [{ city: 7 }, '"city" must be of type string'],
  [{ city: "Oslo", days: 1.5 }, '"days" must be of type integer or null'],
  [{ city: "Oslo", unit: "K" }, '"unit" must be one of "C", "F"'],
  [{ city: "Oslo", tags: {} }, '"tags" must be of type array'],
  [{ city: "Oslo", at: [] }, '"at" must be of type object'],
  [{ city: "Oslo", toString: 1 }, '"toString" is not known'],
  [null, "they must be an object"],
] satisfies [Json, string | undefined][])("%j → %s", ([args, problem]) => {
  expect(checkArguments(schema, args)).toBe(problem);
});

test("a schema that says nothing takes any object", () => {
  expect(checkArguments({}, { anything: 1 })).toBeUndefined();
});
