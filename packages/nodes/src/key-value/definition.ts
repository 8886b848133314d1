import { defineNode } from "@heddle/node-kit";
import { z } from "zod";
import { cardLine, shown } from "../card-line.ts";
import { anything, boolean, objectSchema, text } from "../output-schemas.ts";
import { choiceField, jsonField, numberField, optionalNumberField, textField } from "../param-fields.ts";

const OPERATIONS = [
  { value: "get", label: "Read" },
  { value: "set", label: "Write" },
  { value: "increment", label: "Count" },
  { value: "delete", label: "Forget" },
] as const;

/** Remembers values under names. */
export const keyValue = defineNode({
  type: "key-value",
  name: "Key-value memory",
  category: "memory",
  icon: "database",
  summary: "Remembers values under a name.",
  docs: `Remembers values under a name, from one run to the next.

**When to use it.** To keep a customer's choice, a counter, the time of the last visit. To remember what was said, use *Conversation*.

**Who shares it.** *This run*, *this conversation*, *this agent* (all its runs), or *this workspace* (all its agents).

**Read** gives the value, or the *Fallback* when there is none. **Write** stores it, for as long as you say. **Count** adds to a number, which begins at 0; runs that count at the same time don't lose one another's, and a step that is tried again counts once. **Forget** removes it.

**Keep for.** A value that is written, or a counter from its first count on, may be forgotten by itself: calls in the last hour are a counter that is kept for 3,600 seconds.

**Example.** Count \`visits:{{ input.customerId }}\` by 1, then \`{{ memory.output.value }}\` is the number of visits.

**Output.** \`key\`, \`value\`, and \`found\`: whether *Read* or *Forget* came upon a value.

**Errors.** \`unprocessable\` when counting something that is not a number, \`value_too_large\`.`,
  params: z.object({
    operation: choiceField({ label: "Do" }, OPERATIONS),
    scope: choiceField({ label: "Shared by" }, [
      { value: "agent", label: "This agent" },
      { value: "conversation", label: "This conversation" },
      { value: "workspace", label: "This workspace" },
      { value: "execution", label: "This run" },
    ]),
    key: textField({ label: "Name", placeholder: "visits:{{ input.customerId }}" }),
    value: jsonField({ label: "Value", placeholder: "{{ input.choice }}", rows: 2, visibleWhen: { field: "operation", in: ["set"] } }),
    ttlSeconds: optionalNumberField(
      {
        label: "Keep for (seconds)",
        help: "Left empty: until it is forgotten. A counter's time begins with its first count.",
        visibleWhen: { field: "operation", in: ["set", "increment"] },
      },
      { min: 1, max: 315_360_000 },
    ),
    by: numberField({ label: "Add", visibleWhen: { field: "operation", in: ["increment"] } }, { default: 1 }),
    fallback: jsonField({
      label: "Fallback",
      help: "The value when nothing is remembered.",
      rows: 1,
      visibleWhen: { field: "operation", in: ["get"] },
    }),
  }),
  provides: ["tool"],
  describe: ({ operation, key }) => cardLine(`${OPERATIONS.find(({ value }) => value === operation)?.label ?? "Read"} ${shown(key)}`),
  output: ({ operation }) => objectSchema({ key: text, value: operation === "increment" ? { type: "number" } : anything, found: boolean }),
  hasSideEffects: true,
});
