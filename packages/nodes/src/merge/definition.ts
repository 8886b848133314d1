import { defineNode } from "@heddle/node-kit";
import { z } from "zod";
import { anything, integer, listOf, objectSchema } from "../output-schemas.ts";
import { choiceField, numberField, optionalTextField } from "../param-fields.ts";
import { cardLine, shown } from "../card-line.ts";

const MODES = [
  { value: "all", label: "All branches", help: "Waits for every branch that is still on its way." },
  { value: "any", label: "Whichever comes first", help: "Goes on at once; the other branches finish on their own." },
  { value: "first", label: "First one wins", help: "Goes on at once and stops the other branches." },
  { value: "firstN", label: "The first few", help: "Goes on when as many as you say have come, and stops the others." },
  { value: "byKey", label: "All, joined by a key", help: "Each branch gives a list; rows with the same key are put together." },
] as const;

/** Brings branches together again. */
export const merge = defineNode({
  type: "merge",
  name: "Merge",
  category: "logic",
  icon: "merge",
  summary: "Brings branches together again.",
  docs: `Brings branches together again, so that what follows runs once.

**All branches** waits for every branch that has not been skipped. Its output has each branch's output under the id of the node it came from: \`{{ merge.output.branches.search.passages }}\`. A branch that was skipped is not there.

**Whichever comes first** goes on with the first value that arrives; that value is its output. The other branches finish on their own.

**First one wins** does the same and stops the branches that are still running, for example when two models are asked and the faster one will do.

**The first few** goes on when so many have come, or all that can come, and stops the others: ask five models and go on with the three quickest. Its output has \`values\` in order of arrival, and \`branches\` by node.

**All, joined by a key** waits for all branches, each of which gives a list (or \`{ items }\`), and puts together the rows whose *Key* is the same, as a join of tables does. Each row of \`items\` has the key as \`key\` and each branch's row under the id of its node: \`{{ merge.output.items[0].orders.total }}\`. *Key* is the name of a field, such as \`customer.id\`. Rows without a partner are left out, or kept with null in the other's place.

**Errors.** \`param_invalid\` when something joined by a key is no list; \`value_too_large\` when a join gives more than 100,000 rows.`,
  params: z
    .object({
      mode: choiceField({ label: "Wait for" }, MODES),
      n: numberField(
        { label: "How many", expressions: "literal", visibleWhen: { field: "mode", in: ["firstN"] } },
        { default: 2, min: 1, max: 100, isInteger: true },
      ),
      key: optionalTextField({
        label: "Key",
        help: "The field that both have, for example customer.id.",
        placeholder: "id",
        expressions: "literal",
        visibleWhen: { field: "mode", in: ["byKey"] },
      }),
      unmatched: choiceField({ label: "Rows without a partner", visibleWhen: { field: "mode", in: ["byKey"] } }, [
        { value: "keep", label: "Keep them" },
        { value: "drop", label: "Leave them out" },
      ]),
    })
    .superRefine((params, context) => {
      if (params.mode === "byKey" && params.key === undefined) context.addIssue({ code: "custom", path: ["key"], message: "fill this in" });
    }),
  describe: ({ mode, n, key }) => {
    if (mode === "firstN") return `The first ${shown(n, "2")}`;
    if (mode === "byKey") return cardLine("Joined by", shown(key));
    return MODES.find(({ value }) => value === mode)?.label ?? MODES[0].label;
  },
  output: ({ mode }, typeOf) => {
    if (mode === "any" || mode === "first") return typeOf?.() ?? anything;
    const branches = { type: "object" as const, additionalProperties: true };
    if (mode === "firstN") return objectSchema({ values: listOf(anything), branches });
    if (mode === "byKey") return objectSchema({ items: listOf({ type: "object", additionalProperties: true }), count: integer });
    return objectSchema({ branches });
  },
  control: "merge",
  timeoutMs: 5_000,
});
