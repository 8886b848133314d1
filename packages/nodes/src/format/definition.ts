import { defineNode } from "@heddle/node-kit";
import { z } from "zod";
import { cardLine } from "../card-line.ts";
import { anything, text } from "../output-schemas.ts";
import { choiceField, jsonField, optionalTextField, textOf } from "../param-fields.ts";

/** Writes a text or builds JSON from what came before. */
export const format = defineNode({
  type: "format",
  name: "Format",
  category: "transform",
  icon: "text-quote",
  summary: "Writes a text or builds JSON from earlier results.",
  docs: `Writes a text, or builds JSON, from what came before. Its output is the text or the JSON itself.

**When to use it.** To compose a message, a prompt or a request body once and use it in several places. As a tool of a *Language model* it works something out from the arguments: \`{{ args.a + args.b }}\`.

**Text.** \`Hello {{ input.name }}, your order {{ order.output.body.id }} is on its way.\` Missing values leave nothing behind; lists and objects are written as JSON.

**JSON.** Put expressions in place of values: \`{ "to": "{{ input.email }}", "tags": "{{ classify.output.alternatives.map(a => a.label) }}" }\`. A value that is one whole expression keeps its type, and quotes in someone's text can't break the JSON.

**Read it with** \`{{ format.output }}\`, or \`{{ format.output.to }}\` for JSON.

**Errors.** \`expression_failed\` when an expression can't be evaluated.`,
  params: z.object({
    mode: choiceField({ label: "Make" }, [
      { value: "text", label: "Text" },
      { value: "json", label: "JSON" },
    ]),
    text: optionalTextField({
      label: "Text",
      placeholder: "Hello {{ input.name }}",
      control: "textarea",
      rows: 5,
      visibleWhen: { field: "mode", in: ["text"] },
    }),
    json: jsonField({
      label: "JSON",
      placeholder: '{ "name": "{{ input.name }}" }',
      rows: 8,
      visibleWhen: { field: "mode", in: ["json"] },
    }),
  }),
  provides: ["tool"],
  describe: ({ mode, text: template, json }) => cardLine(mode === "json" ? textOf(json) : textOf(template)),
  output: ({ mode, json }) => (mode === "json" ? jsonShape(json) : text),
  timeoutMs: 5_000,
});

/** The names that a JSON template gives its output, so that they complete; values are left open. */
function jsonShape(template: unknown): typeof anything {
  if (typeof template !== "object" || template === null || Array.isArray(template)) return anything;
  const names = Object.keys(template);
  return { type: "object", properties: Object.fromEntries(names.map((name) => [name, anything])) };
}
