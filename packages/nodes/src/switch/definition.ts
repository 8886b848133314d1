import { defineNode } from "@heddle/node-kit";
import { z } from "zod";
import { cardLine } from "../card-line.ts";
import { anything, objectSchema, text } from "../output-schemas.ts";
import { jsonField, optionalTextField, switchField, textOf } from "../param-fields.ts";
import { branchId, branchPorts, ELSE_PORT, haveOwnIds } from "../branch-ports.ts";

const branch = z.object({
  id: branchId,
  name: optionalTextField({ label: "Name", placeholder: "Refund", expressions: "literal" }),
  equals: jsonField({
    label: "Equals",
    help: "A value, or a list of values any of which will do.",
    placeholder: "refund",
    control: "text",
  }),
});

/** Sends the run along the case that a value equals. */
export const switchNode = defineNode({
  type: "switch",
  name: "Switch",
  category: "logic",
  icon: "signpost",
  summary: "Goes on along the case that a value equals.",
  docs: `Compares one value with several cases and goes on along the first that equals it. When none does, it goes on along *Otherwise*. Nodes that only the other cases lead to are skipped.

**When to use it.** To go one way for each label, status or kind: \`{{ classify.output.label }}\`, \`{{ input.body.event }}\`. For comparisons other than "equals", use *Condition*.

**Cases.** Numbers and texts that read the same are equal: \`5\` and \`"5"\`. A case that is a list, such as \`{{ ["refund", "return"] }}\`, fits any value in it. Lists and objects equal others with the same content.

**Example.** Value \`{{ classify.output.label }}\`, cases \`refund\`, \`delivery\`, \`invoice\`.

**Output.** \`branch\`: the id of the case, \`name\`, \`value\`: what was compared.

**Errors.** \`expression_failed\` when an expression can't be evaluated.`,
  params: z.object({
    value: jsonField({ label: "Value", placeholder: "{{ classify.output.label }}", control: "text" }),
    cases: z
      .array(branch)
      .min(1, "add a case")
      .max(50, "use 50 cases or fewer")
      .refine(haveOwnIds, "two cases have the same id")
      .meta({ ui: { label: "Cases", control: "list" } }),
    ignoreCase: switchField({ label: "Capitals make no difference", isAdvanced: true }, false),
  }),
  outputs: ({ cases }) => branchPorts(cases),
  describe: ({ value, cases }) => {
    const names = branchPorts(cases).filter(({ name }) => name !== ELSE_PORT);
    return cardLine(textOf(value), names.map(({ label }) => label).join(", "));
  },
  output: (_params, typeOf) => objectSchema({ branch: text, name: text, value: typeOf?.("value") ?? anything }),
  timeoutMs: 5_000,
});
