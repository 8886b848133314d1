import { defineNode, type FieldHint } from "@heddle/node-kit";
import { z } from "zod";
import { cardLine, shown } from "../card-line.ts";
import { stepItemSchema } from "../list-items.ts";
import { integer, listOf, objectSchema } from "../output-schemas.ts";
import { choiceField, jsonField, optionalTextField, textOf } from "../param-fields.ts";
import { OPERATORS, UNARY_OPERATORS } from "./operators.ts";

const BINARY = OPERATORS.map(({ value }) => value).filter((value) => !UNARY_OPERATORS.has(value));

const rule = z.object({
  field: optionalTextField({
    label: "Field",
    help: "Its name, or its path: customer.email. Left empty: the item itself.",
    placeholder: "status",
    expressions: "literal",
  }),
  operator: choiceField({ label: "Is" }, OPERATORS),
  value: jsonField({
    label: "Value",
    control: "text",
    placeholder: "open",
    visibleWhen: { field: "operator", in: BINARY },
  } satisfies FieldHint),
});

/** Keeps the items of a list that fit. */
export const filter = defineNode({
  type: "filter",
  name: "Filter",
  category: "transform",
  icon: "list-filter",
  summary: "Keeps the items of a list that fit.",
  docs: `Keeps the items of a list that fit your rules, in their order, and leaves the others out.

**When to use it.** To go on with open orders, with rows that have an e-mail address, with passages that score well.

**List.** Left empty, it is what the node before gives: a list, or \`{ items }\`.

**Rules** look at one field of each item, by its name or path, such as \`customer.country\`. Numbers in texts count as numbers; dates in ISO 8601 are compared as dates are. *Matches* is a regular expression (RE2). A rule that one field can't express is written as a list expression: \`{{ input.orders.filter(order => order.paid < order.total) }}\`.

**Example.** List \`{{ input.orders }}\`, rules *status* is *open* and *total* is greater than \`{{ variables.limit }}\`.

**Output.** \`items\`: those that fit, \`count\`, and \`dropped\`: how many were left out.

**Errors.** \`param_invalid\` when there is no list, or a regular expression can't be read.`,
  params: z.object({
    items: jsonField({
      label: "List",
      help: "Left empty: what the node before gives.",
      placeholder: "{{ input.orders }}",
      control: "text",
    }),
    match: choiceField({ label: "Keep items that fit" }, [
      { value: "all", label: "All rules" },
      { value: "any", label: "Any rule" },
    ]),
    rules: z
      .array(rule)
      .min(1, "add a rule")
      .max(50, "use 50 rules or fewer")
      .meta({ ui: { label: "Rules", control: "list" } }),
  }),
  provides: ["tool"],
  describe: ({ rules, match }) => {
    const list: unknown[] = Array.isArray(rules) ? rules : [];
    return cardLine(list.map(describeRule).join(match === "any" ? " or " : " and "));
  },
  output: (params, typeOf) => objectSchema({ items: listOf(stepItemSchema(params, typeOf)), count: integer, dropped: integer }),
});

function describeRule(entry: unknown): string {
  const { field, operator, value } = (entry ?? {}) as { field?: unknown; operator?: unknown; value?: unknown };
  const known = OPERATORS.find((candidate) => candidate.value === operator) ?? OPERATORS[0];
  return `${shown(field, "item")} ${known.label}${UNARY_OPERATORS.has(known.value) ? "" : ` ${textOf(value)}`}`;
}
