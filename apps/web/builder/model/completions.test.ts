import type { JsonSchema } from "@heddle/schema";
import { expect, test } from "vitest";
import { completionsFor } from "./completions.ts";

const scope: JsonSchema = {
  type: "object",
  properties: {
    input: {
      type: "object",
      properties: {
        message: { type: "string" },
        items: { type: ["array", "null"], items: { type: "object", properties: { price: { type: "number" } } } },
      },
    },
    orders: { anyOf: [{ type: "null" }, { type: "array", items: { type: "object", properties: { id: { type: "string" } } } }] },
    classify: {
      type: "object",
      properties: {
        output: {
          anyOf: [
            { type: "object", properties: { label: { type: "string" } } },
            { type: "object", properties: { error: { type: "object" } } },
          ],
        },
      },
    },
  },
};
/** `|` marks the caret. */
const at = (marked: string) => completionsFor(marked.replace("|", ""), marked.indexOf("|"), scope);
const labels = (marked: string) => at(marked)?.options.map(({ label }) => label);

test("offers the names in scope, and those that begin with what is typed", () => {
  expect(labels("Hello {{ |")).toEqual(["input", "orders", "classify"]);
  expect(at("{{ cl|")).toMatchObject({ from: 3, options: [{ label: "classify", hasMore: true }] });
});

test("offers the properties of what stands before the dot, through lists and alternatives", () => {
  expect(labels("{{ input.|")).toEqual(["message", "items"]);
  expect(labels("{{ input.items[0].|")).toEqual(["price"]);
  expect(labels("{{ orders[0].|")).toEqual(["id"]);
  expect(labels("{{ classify.output.|")).toEqual(["label", "error"]);
  expect(labels("{{ 1 + input?.me|")).toEqual(["message"]);
});

test("offers nothing in plain text, in strings, and where nothing is known", () => {
  expect(at("input.|")).toBeUndefined();
  expect(at("{{ input }} and in|")).toBeUndefined();
  expect(at('{{ "in|')).toBeUndefined();
  expect(at(String.raw`\{{ in|`)).toBeUndefined();
  expect(at("{{ nothing.|")).toBeUndefined();
});
