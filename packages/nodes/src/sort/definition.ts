import { defineNode } from "@heddle/node-kit";
import { z } from "zod";
import { cardLine, shown } from "../card-line.ts";
import { stepItemSchema } from "../list-items.ts";
import { integer, listOf, objectSchema } from "../output-schemas.ts";
import { choiceField, jsonField, optionalNumberField, optionalTextField } from "../param-fields.ts";

const DIRECTIONS = [
  { value: "ascending", label: "Smallest first" },
  { value: "descending", label: "Largest first" },
] as const;

const criterion = z.object({
  field: optionalTextField({
    label: "Field",
    help: "Its name, or its path: customer.name. Left empty: the item itself.",
    placeholder: "total",
    expressions: "literal",
  }),
  direction: choiceField({ label: "Order" }, DIRECTIONS),
});

/** Puts the items of a list in order. */
export const sort = defineNode({
  type: "sort",
  name: "Sort",
  category: "transform",
  icon: "arrow-down-up",
  summary: "Puts a list in order, and keeps the first few if you like.",
  docs: `Puts the items of a list in order, by one field or by several.

**When to use it.** For the newest, the largest, the best first; with *Keep only* for the top ten.

**List.** Left empty, it is what the node before gives: a list, or \`{ items }\`.

**Order.** Numbers by size, also in texts; dates in ISO 8601 by time; other texts by the alphabet. Items without the field come last, either way. Items that are equal by the first field are put in order by the second, and stay as they were when all are equal.

**Example.** List \`{{ input.orders }}\`, by *total* largest first, keep only 10.

**Output.** \`items\`, \`count\`.

**Errors.** \`param_invalid\` when there is no list.`,
  params: z.object({
    items: jsonField({
      label: "List",
      help: "Left empty: what the node before gives.",
      placeholder: "{{ input.orders }}",
      control: "text",
    }),
    by: z
      .array(criterion)
      .min(1, "say by which field")
      .max(10, "use 10 fields or fewer")
      .default([{ direction: "ascending" }])
      .meta({ ui: { label: "By", control: "list" } }),
    limit: optionalNumberField(
      { label: "Keep only", help: "The first so many. Left empty: all." },
      { min: 0, max: 1_000_000, isInteger: true },
    ),
  }),
  provides: ["tool"],
  describe: ({ by, limit }) => {
    const list: unknown[] = Array.isArray(by) ? by : [];
    const fields = list.map((entry) => {
      const { field, direction } = (entry ?? {}) as { field?: unknown; direction?: unknown };
      return `${shown(field, "item")}${direction === "descending" ? " ↓" : " ↑"}`;
    });
    return cardLine(fields.join(", "), shown(limit) === "" ? "" : `first ${shown(limit)}`);
  },
  output: (params, typeOf) => objectSchema({ items: listOf(stepItemSchema(params, typeOf)), count: integer }),
});
