import { fieldHint } from "@heddle/node-kit";
import { describe, expect, it } from "vitest";
import type { z } from "zod";
import {
  choiceField,
  jsonField,
  keyValueField,
  numberField,
  optionalNumberField,
  optionalTextField,
  schemaField,
  switchField,
  textField,
} from "./param-fields.ts";

const hint = { label: "Field" };
const text = textField(hint);
const optionalText = optionalTextField(hint);
const number = numberField(hint, { default: 3, min: 1, max: 9, isInteger: true });
const optionalNumber = optionalNumberField(hint, { min: 0, max: 1 });
const onOff = switchField(hint, true);
const choice = choiceField(hint, [
  { value: "a", label: "A" },
  { value: "b", label: "B" },
]);
const schema = schemaField(hint);
const pairs = keyValueField(hint);

describe("params take what expressions leave behind", () => {
  it.each<[string, z.ZodType, unknown, unknown]>([
    ["text", text, "hi", "hi"],
    ["a number as text", text, 7, "7"],
    ["false as text", text, false, "false"],
    ["a list as text", text, [1, "a"], '[1,"a"]'],
    ["no text", optionalText, null, undefined],
    ["an empty text as none", optionalText, "", undefined],
    ["a number", number, 5, 5],
    ["a number in text", number, " 5 ", 5],
    ["an empty number", number, "", 3],
    ["a missing number", number, undefined, 3],
    ["null for a number", optionalNumber, null, undefined],
    ["a fraction in text", optionalNumber, "0.5", 0.5],
    ["true in text", onOff, "True", true],
    ["false in text", onOff, "false", false],
    ["nothing for a switch", onOff, "", true],
    ["a choice", choice, "b", "b"],
    ["no choice", choice, undefined, "a"],
    ["an empty schema field", schema, "", undefined],
    ["a schema", schema, { type: "object" }, { type: "object" }],
    ["no pairs", pairs, null, {}],
    ["pairs", pairs, { a: 1, b: null }, { a: 1, b: null }],
  ])("%s", (_name, field, given, expected) => {
    expect(field.parse(given)).toEqual(expected);
  });

  it.each<[string, z.ZodType, unknown, string]>([
    ["a missing text", text, undefined, "fill this in"],
    ["an empty text", text, "", "fill this in"],
    ["words for a number", number, "many", "use a number"],
    ["a number too large", number, 10, "use 9 or less"],
    ["a number too small", optionalNumber, "-1", "use 0 or more"],
    ["a fraction for a whole number", number, 1.5, "use a whole number"],
    ["words for a switch", onOff, "perhaps", "use true or false"],
    ["an unknown choice", choice, "c", "choose one of a, b"],
    ["a list for a schema", schema, [], 'use a JSON Schema: an object such as { "type": "object" }'],
  ])("%s is refused with a sentence for people", (_name, field, given, message) => {
    expect(field.safeParse(given).error?.issues[0]?.message).toBe(message);
  });

  it("tells an expression that found nothing from an empty field", () => {
    expect(jsonField(hint).parse(undefined)).toBeUndefined();
    expect(jsonField(hint).parse(null)).toBeNull();
  });

  it("carries the inspector's hint on the outside, where forms look for it", () => {
    expect(fieldHint(choice, "x")).toMatchObject({ label: "Field", control: "select", expressions: "literal" });
    expect(fieldHint(number, "x")).toMatchObject({ control: "number", min: 1, max: 9, step: 1 });
    expect(fieldHint(optionalText, "x")).toEqual(hint);
  });
});
