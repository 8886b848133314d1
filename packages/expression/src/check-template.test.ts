import type { JsonSchema } from "@heddle/schema";
import { describe, expect, test } from "vitest";
import { checkTemplate } from "./check-template.ts";

const text: JsonSchema = { type: "string" };
const scope: JsonSchema = {
  type: "object",
  additionalProperties: false,
  properties: {
    input: {},
    variables: { type: "object", properties: { language: text, limit: { type: ["number", "null"] } }, additionalProperties: false },
    triage: {
      type: "object",
      additionalProperties: false,
      properties: {
        output: {
          type: "object",
          properties: {
            intent: { enum: ["refund", "card_lost"] },
            confidence: { type: "number" },
            alternatives: { type: "array", items: { type: "object", properties: { label: text, confidence: { type: "number" } } } },
            note: text,
          },
          required: ["intent"],
        },
      },
    },
    http: {
      type: "object",
      properties: {
        output: {
          anyOf: [
            { type: "object", properties: { body: {}, headers: { type: "object", additionalProperties: text } } },
            {
              type: "object",
              properties: { error: { type: "object", properties: { message: text } } },
              required: ["error"],
              additionalProperties: false,
            },
          ],
        },
      },
    },
  },
};

describe("checkTemplate finds", () => {
  test.each<[string, string, string]>([
    ["{{ triage.output.intnet }}", "unknown_property", "`triage.output` has no field `intnet`. Did you mean `intent`?"],
    ["{{ triag.output.intent }}", "unknown_reference", "There is no `triag` here. Did you mean `triage`?"],
    ["{{ somebody.output }}", "unknown_reference", "There is no `somebody` here. You can use `input`, `variables`, `triage` and `http`."],
    ["{{ triage.label }}", "unknown_property", "`triage` has no field `label`. It has `output`."],
    ["{{ variables['langauge'] }}", "unknown_property", "`variables` has no field `langauge`. Did you mean `language`?"],
    [
      "{{ triage.output.alternatives.label }}",
      "unknown_property",
      "`triage.output.alternatives` is a list, so it has no field `label`. Take one element with [0].label, or all with map(item => item.label).",
    ],
    [
      "{{ triage.output.alternatives[0].lable }}",
      "unknown_property",
      "`triage.output.alternatives[0]` has no field `lable`. Did you mean `label`?",
    ],
    [
      "{{ triage.output.alternatives.filter(a => a.confidnce > 1) }}",
      "unknown_property",
      "`a` has no field `confidnce`. Did you mean `confidence`?",
    ],
    ["{{ triage.output.alternatives.map(({ label }) => labl) }}", "unknown_reference", "There is no `labl` here. Did you mean `label`?"],
    ["{{ triage.output.note.size }}", "unknown_property", "`triage.output.note` is a text, so it has no field `size`."],
    ["{{ triage.output.note.trim }}", "unknown_property", "`trim` is a method: write `trim()`."],
    ["{{ triage.output.confidence.trim() }}", "unknown_method", "This is a number, which has no method `trim`."],
    [
      "{{ triage.output.map(x => x) }}",
      "unknown_method",
      "This is an object, which has no method `map`. For an object, use keys(), values() or entries().",
    ],
    ["{{ input.x.trimm() }}", "unknown_method", "There is no method `trimm`. Did you mean `trim`?"],
    ["{{ rond(1.5) }}", "unknown_function", "There is no function `rond`. Did you mean `round`?"],
    ["{{ triage.output * 2 }}", "type_mismatch", "`triage.output` is an object, which * can't take. Use one of its fields, or length(…)."],
    [
      "{{ triage.output.alternatives > 2 }}",
      "type_mismatch",
      "`triage.output.alternatives` is a list of objects, which > can't take. Use one of its fields, or length(…).",
    ],
    ["{{ round() }}", "type_mismatch", "`round` does not take 0 arguments. Write round(number, digits?)."],
    ["{{ triage.output.intent == 'refnd' }}", "never_equal", "The two sides of this comparison are never equal. Did you mean `refund`?"],
    [
      "{{ 'no' != triage.output.intent }}",
      "never_equal",
      "The two sides of this comparison are never equal. It can be `refund` and `card_lost`.",
    ],
    ["{{ input.a = 1 }}", "expression_forbidden", "Values can't be changed here. To compare two values, write ==."],
    ["{{ input. }}", "expression_syntax", "The expression ends too early. Something is missing before }}."],
    ["{{ input.constructor }}", "expression_forbidden", "`constructor` can't be used in expressions. Rename the field in the data."],
    [
      "{{ Math.round(1) }}",
      "unknown_function",
      "JavaScript's global objects are not available. Use round(x), floor(x), ceil(x), abs(x), min(a, b) or max(a, b).",
    ],
  ])("%s", (source, code, message) => {
    const { problems } = checkTemplate(source, scope);
    expect(problems.map((problem) => [problem.code, problem.message])).toEqual([[code, message]]);
  });

  test("all problems of all expressions, each with its place", () => {
    const source = "{{ triage.output.intnet + triag }} ok {{ input. }} {{ rond(variables.x) }}";
    const { problems } = checkTemplate(source, scope);
    expect(problems.map(({ code, start, end }) => [code, source.slice(start, end)])).toEqual([
      ["unknown_property", "intnet"],
      ["unknown_reference", "triag"],
      ["expression_syntax", "}"],
      ["unknown_function", "rond"],
      ["unknown_property", "x"],
    ]);
  });
});

describe("checkTemplate accepts", () => {
  test.each([
    "{{ input.anything.at[0].all.slice(1).map(x => x.y.z) }}",
    "{{ input.a + input.b * input.c > 1 }}",
    "{{ http.output.body.a.b }} {{ http.output.error.message }} {{ http.output.headers['x-y'] }}",
    "{{ variables.limit + 1 }}",
    "{{ triage.output.intent == 'refund' ? triage.output.note.length : triage.output.alternatives.length }}",
    "{{ triage.output.alternatives.map((a, index) => ({ ...a, index })).filter(({ index }) => index).join() }}",
    "{{ triage.output.alternatives.find(a => a.label == 'x').confidence.toFixed(2) }}",
    "{{ triage.output.alternatives.reduce((best, a) => a.confidence > best.confidence ? a : best, {}) }}",
    "{{ parseJson(triage.output.note).anything.goes }}",
    "{{ entries(triage.output).map(([key, value]) => key.trim() + value.x) }}",
    "{{ default(variables.limit, 5) + 1 }}",
    "{{ (input.x ?? triage.output).whatever }}",
    "plain \\{{ nobody }}",
  ])("%s", (source) => {
    expect(checkTemplate(source, scope).problems).toEqual([]);
  });
});

describe("the type of", () => {
  test.each<[string, JsonSchema]>([
    ["plain", text],
    ["{{ triage.output.confidence }} %", text],
    ["{{ triage.output.confidence }}", { type: "number" }],
    ["{{ triage.output.confidence > 0.5 }}", { type: "boolean" }],
    ["{{ triage.output.note + 1 }}", text],
    ["{{ triage.output.note.split(',') }}", { type: "array", items: text }],
    ["{{ triage.output.alternatives.map(a => a.label) }}", { type: "array", items: text }],
    ["{{ triage.output.alternatives.map(a => a.label)[0].length }}", { type: "integer" }],
    ["{{ [triage.output.note, triage.output.confidence] }}", { type: "array", items: { anyOf: [text, { type: "number" }] } }],
    ["{{ ({ a: triage.output.note }) }}", { type: "object", properties: { a: text }, required: ["a"], additionalProperties: false }],
    [
      "{{ input.x ? 1 : 'a' }}",
      {
        anyOf: [
          { type: "integer", const: 1 },
          { type: "string", const: "a" },
        ],
      },
    ],
    ["{{ input.x }}", {}],
  ])("%s", (source, type) => {
    expect(checkTemplate(source, scope).type).toEqual(type);
  });
});

test("names of the place itself go before those of the scope", () => {
  const locals = new Map<string, JsonSchema>([
    ["item", { type: "object", properties: { total: { type: "number" } }, additionalProperties: false }],
    ["triage", text],
  ]);
  expect(checkTemplate("{{ item.total }}", scope, locals)).toMatchObject({ problems: [], type: { type: "number" } });
  expect(checkTemplate("{{ triage.trim() }}", scope, locals).problems).toEqual([]);
  expect(checkTemplate("{{ item.totl }}", scope, locals).problems).toMatchObject([{ code: "unknown_property" }]);
  expect(checkTemplate("{{ itm }}", scope, locals).problems[0]!.message).toContain("Did you mean `item`?");
  expect(checkTemplate("{{ item }}", scope).problems).toMatchObject([{ code: "unknown_reference" }]);
});
