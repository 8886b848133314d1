import { defineNode } from "@heddle/node-kit";
import type { JsonSchema } from "@heddle/schema";
import { z } from "zod";
import { cardLine, shown } from "../card-line.ts";
import { fieldSchema, itemSchemaOf, stepItemSchema } from "../list-items.ts";
import { integer, listOf, objectSchema, text } from "../output-schemas.ts";
import { choiceField, jsonField, numberField, optionalTextField, switchField } from "../param-fields.ts";

const MODES = [
  { value: "batches", label: "A list into batches" },
  { value: "items", label: "Lists inside items into one list" },
  { value: "text", label: "A text into pieces" },
] as const;

/** Splits lists and texts. */
export const split = defineNode({
  type: "split",
  name: "Split",
  category: "transform",
  icon: "scissors",
  summary: "Splits a list into batches, or a text into pieces.",
  docs: `Splits a list or a text into a list of parts.

**When to use it.** Before a *Loop* or *Parallel map*: a hundred at a time for an API that takes batches, one line at a time, one order line at a time.

**A list into batches** of so many items; the last one may be smaller.

**Lists inside items into one list**: each order has *lines*, and you want all lines of all orders in one list. Name the field that holds the inner list. With *Keep the rest*, each line also has its order's other fields.

**A text into pieces** at each *Separator*: a line break when left empty, or \`,\`, \`---\`. Blanks around pieces and empty pieces are left out, unless you keep them.

**Example.** List \`{{ input.mails }}\`, batches of 20; a *Loop* over \`{{ split.output.items }}\` then has 20 mails as its \`item\`.

**Output.** \`items\`: the parts, \`count\`.

**Errors.** \`param_invalid\` when what is to be split is no list, or no text.`,
  params: z
    .object({
      mode: choiceField({ label: "Split" }, MODES),
      items: jsonField({
        label: "List",
        help: "Left empty: what the node before gives.",
        placeholder: "{{ input.orders }}",
        control: "text",
        visibleWhen: { field: "mode", in: ["batches", "items"] },
      }),
      size: numberField(
        { label: "Items in a batch", visibleWhen: { field: "mode", in: ["batches"] } },
        { default: 10, min: 1, max: 100_000, isInteger: true },
      ),
      field: optionalTextField({
        label: "Field with the list",
        placeholder: "lines",
        expressions: "literal",
        visibleWhen: { field: "mode", in: ["items"] },
      }),
      keepRest: switchField(
        { label: "Keep the rest", help: "Adds the outer item's other fields.", visibleWhen: { field: "mode", in: ["items"] } },
        false,
      ),
      text: jsonField({
        label: "Text",
        help: "Left empty: what the node before gives.",
        placeholder: "{{ input.message }}",
        control: "textarea",
        rows: 3,
        visibleWhen: { field: "mode", in: ["text"] },
      }),
      separator: optionalTextField({
        label: "Separator",
        help: "Left empty: line breaks.",
        placeholder: ",",
        visibleWhen: { field: "mode", in: ["text"] },
      }),
      keepEmpty: switchField(
        { label: "Keep blanks and empty pieces", isAdvanced: true, visibleWhen: { field: "mode", in: ["text"] } },
        false,
      ),
    })
    .superRefine(({ mode, field }, context) => {
      if (mode === "items" && field === undefined) context.addIssue({ code: "custom", path: ["field"], message: "fill this in" });
    }),
  provides: ["tool"],
  describe: ({ mode, size, field, separator }) => {
    if (mode === "text") return cardLine("Text", shown(separator) === "" ? "at line breaks" : `at ${shown(separator)}`);
    if (mode === "items") return cardLine(`Each of ${shown(field, "an inner list")}`);
    return cardLine(`Batches of ${shown(size, "10")}`);
  },
  output: (params, typeOf) => objectSchema({ items: listOf(partSchema(params, typeOf)), count: integer }),
});

function partSchema(
  params: { mode?: unknown; items?: unknown; field?: unknown; keepRest?: unknown },
  typeOf?: (param?: string) => JsonSchema,
): JsonSchema {
  if (params.mode === "text") return text;
  const item = stepItemSchema(params, typeOf);
  if (params.mode !== "items") return listOf(item);
  return params.keepRest === true ? {} : itemSchemaOf(fieldSchema(item, shown(params.field)));
}
