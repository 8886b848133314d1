import { defineNode } from "@heddle/node-kit";
import { isRecord, type JsonSchema } from "@heddle/schema";
import { z } from "zod";
import { cardLine, shown } from "../card-line.ts";
import { fieldSchema, stepItemSchema } from "../list-items.ts";
import { anything, integer, listOf, objectSchema } from "../output-schemas.ts";
import { choiceField, jsonField, optionalTextField } from "../param-fields.ts";

const OPERATIONS = [
  { value: "count", label: "Count" },
  { value: "sum", label: "Sum" },
  { value: "avg", label: "Average" },
  { value: "min", label: "Smallest" },
  { value: "max", label: "Largest" },
  { value: "collect", label: "List of all" },
  { value: "first", label: "First" },
  { value: "last", label: "Last" },
] as const;

const FIELD_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;
const nameField = (label: string, help: string) =>
  optionalTextField({ label, help, expressions: "literal", isAdvanced: true }).refine(
    (name) => name === undefined || FIELD_NAME.test(name),
    "use letters, digits and _, starting with a letter",
  );

const grouping = z.object({
  field: optionalTextField({
    label: "Field",
    help: "Its name, or its path: customer.country.",
    placeholder: "country",
    expressions: "literal",
  }),
  name: nameField("Call it", "Left empty: the field's own name."),
});

const calculation = z.object({
  operation: choiceField({ label: "Work out" }, OPERATIONS),
  field: optionalTextField({
    label: "Of",
    help: "Its name, or its path. Left empty: the item itself.",
    placeholder: "total",
    expressions: "literal",
  }),
  name: nameField("Call it", "Left empty: made from what is worked out, such as sumTotal."),
});

/** Works out figures over a list, by group. */
export const aggregate = defineNode({
  type: "aggregate",
  name: "Aggregate",
  category: "transform",
  icon: "sigma",
  summary: "Counts, sums and collects a list, by group.",
  docs: `Works out figures over a list: counts, sums, averages, extremes, lists of values. With *Group by*, once for each group.

**When to use it.** Orders per country, the average rating, all addresses in one list.

**List.** Left empty, it is what the node before gives: a list, or \`{ items }\`.

**Figures.** *Count* counts items, or with a field those that have it. *Sum* and *Average* take numbers, also in texts, and pass over what is not there. *Smallest* and *Largest* go by the order that *Sort* uses. An average of nothing is nothing.

**Example.** Group by *country*, work out *Count* and *Sum* of *total*. \`{{ aggregate.output.groups[0].country }}\` and \`{{ aggregate.output.groups[0].sumTotal }}\` are the first group's; without groups, \`{{ aggregate.output.result.count }}\`.

**Output.** \`groups\`: one object per group, in the order in which they first come up, with the fields that were grouped by and the figures; \`result\`: the first of them; \`count\`: how many groups.

**Errors.** \`param_invalid\` when there is no list, or a sum meets something that is not a number.`,
  params: z
    .object({
      items: jsonField({
        label: "List",
        help: "Left empty: what the node before gives.",
        placeholder: "{{ input.orders }}",
        control: "text",
      }),
      groupBy: z
        .array(grouping)
        .max(10, "use 10 fields or fewer")
        .default([])
        .meta({ ui: { label: "Group by", help: "Left empty: all in one.", control: "list" } }),
      calculations: z
        .array(calculation)
        .min(1, "say what to work out")
        .max(50, "use 50 figures or fewer")
        .default([{ operation: "count" }])
        .meta({ ui: { label: "Figures", control: "list" } }),
    })
    .superRefine(({ groupBy, calculations }, context) => {
      const names = new Set<string>();
      const claim = (name: string, path: (string | number)[]): void => {
        if (names.has(name)) context.addIssue({ code: "custom", path, message: `two results are called ${name}; give one another name` });
        names.add(name);
      };
      for (const [index, entry] of groupBy.entries()) {
        if (entry.field === undefined) context.addIssue({ code: "custom", path: ["groupBy", index, "field"], message: "fill this in" });
        else claim(groupName(entry), ["groupBy", index, "name"]);
      }
      for (const [index, entry] of calculations.entries()) claim(calculationName(entry), ["calculations", index, "name"]);
    }),
  provides: ["tool"],
  describe: ({ groupBy, calculations }) => {
    const figures = entriesOf(calculations).map(({ operation, field }) =>
      [OPERATIONS.find(({ value }) => value === operation)?.label ?? "Count", shown(field)].filter(Boolean).join(" "),
    );
    const groups = entriesOf(groupBy).flatMap(({ field }) => (shown(field) === "" ? [] : [shown(field)]));
    return cardLine(figures.join(", ") || "Count", groups.length === 0 ? "" : `by ${groups.join(", ")}`);
  },
  output: (params, typeOf) => {
    const item = stepItemSchema(params, typeOf);
    const properties: Record<string, JsonSchema> = {};
    for (const entry of entriesOf(params.groupBy)) {
      const field = shown(entry["field"]);
      if (field !== "") properties[groupName({ field, name: shown(entry["name"]) || undefined })] = fieldSchema(item, field);
    }
    const calculations = entriesOf(params.calculations);
    for (const entry of calculations.length === 0 ? [{ operation: "count" }] : calculations) {
      const field = shown(entry["field"]);
      const operation = shown(entry["operation"], "count");
      properties[calculationName({ operation, field: field || undefined, name: shown(entry["name"]) || undefined })] = figureSchema(
        operation,
        fieldSchema(item, field),
      );
    }
    const group = objectSchema(properties);
    return objectSchema({ groups: listOf(group), result: group, count: integer });
  },
});

/** What a group's field is called in the result. */
export function groupName({ field, name }: { field?: string | undefined; name?: string | undefined }): string {
  return name ?? field?.trim().split(".").at(-1) ?? "";
}

/** What a figure is called in the result: `count`, `sumTotal`, or as one says. */
export function calculationName({
  operation,
  field,
  name,
}: {
  operation: string;
  field?: string | undefined;
  name?: string | undefined;
}): string {
  if (name !== undefined) return name;
  const last = field?.trim().split(".").at(-1) ?? "";
  const plain = last.replace(/[^A-Za-z0-9_]/g, "");
  return `${operation}${plain.charAt(0).toUpperCase()}${plain.slice(1)}`;
}

function figureSchema(operation: string, field: JsonSchema): JsonSchema {
  if (operation === "count") return integer;
  if (operation === "sum") return { type: "number" };
  if (operation === "avg") return { type: ["number", "null"] };
  if (operation === "collect") return listOf(field);
  // Of an empty list there is none.
  return Object.keys(field).length === 0 ? anything : { anyOf: [field, { type: "null" }] };
}

function entriesOf(list: unknown): Record<string, unknown>[] {
  return Array.isArray(list) ? list.filter(isRecord) : [];
}
