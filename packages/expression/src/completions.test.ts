import type { JsonSchema } from "@heddle/schema";
import { describe, expect, test } from "vitest";
import { completionsAt } from "./completions.ts";

const scope: JsonSchema = {
  type: "object",
  properties: {
    input: { type: "object", properties: { message: { type: "string", description: "What was asked" } } },
    triage: {
      type: "object",
      properties: {
        output: {
          type: "object",
          properties: {
            label: { type: "string" },
            options: { type: "array", items: { type: "object", properties: { name: { type: "string" }, score: { type: "number" } } } },
          },
        },
      },
    },
  },
};

/** Completes at the | in the text. */
function complete(marked: string) {
  const offset = marked.indexOf("|");
  return completionsAt(marked.replace("|", ""), offset, scope);
}

function fields(marked: string): string[] {
  return complete(marked)
    .items.filter(({ kind }) => kind === "field" || kind === "variable")
    .map(({ name }) => name);
}

describe("completionsAt offers", () => {
  test.each<[string, string[]]>([
    ["{{ | }}", ["input", "triage"]],
    ["{{ tri|", ["input", "triage"]],
    ["{{ input.| }}", ["message"]],
    ["{{ input.mes|sage }}", ["message"]],
    ["{{ triage.output.| + 1 }} and {{ input.message }}", ["label", "options"]],
    ["text {{ input.message }} more {{ triage.|", ["output"]],
    ["{{ triage.output.options[0].|", ["name", "score"]],
    ["{{ triage.output.options.at(0).|", ["name", "score"]],
    ["{{ triage.output.options.filter(option => option.| }}", ["name", "score"]],
    ["{{ triage.output.options.map(option => |", ["input", "triage", "option"]],
    ["{{ triage.output.options.map(({ name }) => name + na|", ["input", "triage", "name"]],
    ["{{ input.message ? triage.output.|", ["label", "options"]],
    ["{{ [1, (input.|", ["message"]],
    ["{{ { a: triage.output.|", ["label", "options"]],
    ["{{ `Hello ${input.|", ["message"]],
    ["{{ ) ( triage.output.|", ["label", "options"]],
    ["\\{{ a {{ input.|", ["message"]],
  ])("at %s", (marked, expected) => {
    expect(fields(marked)).toEqual(expected);
  });

  test.each(["|", "Hello |", "{{ input }} |", "\\{{ |", "{{ 'input.|", '{{ "|', "{{ input |", "{{ 'a}}' }} |"])(
    "nothing at %s",
    (marked) => {
      expect(complete(marked).items).toEqual([]);
    },
  );

  test("types, help, methods and functions", () => {
    expect(complete("{{ input.|").items).toContainEqual({ name: "message", kind: "field", type: "text", help: "What was asked" });
    expect(complete("{{ triage.output.options.|").items).toContainEqual(
      expect.objectContaining({ name: "filter", kind: "method", type: "list of objects" }),
    );
    expect(complete("{{ input.message.|").items).toContainEqual(
      expect.objectContaining({ name: "split", kind: "method", type: "list of texts", parameters: "separator, limit?" }),
    );
    expect(complete("{{ |").items).toContainEqual(expect.objectContaining({ name: "round", kind: "function", type: "number" }));
  });

  test("the whole word for replacement", () => {
    expect(complete("{{ input.mes|sge + 1 }}")).toMatchObject({ from: 9, to: 15 });
  });
});
