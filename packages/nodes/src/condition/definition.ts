import { defineNode } from "@heddle/node-kit";
import { z } from "zod";
import { branchId, branchPorts, haveOwnIds } from "../branch-ports.ts";
import { cardLine } from "../card-line.ts";
import { listOf, objectSchema, text } from "../output-schemas.ts";
import { choiceField, optionalTextField } from "../param-fields.ts";

const branch = z.object({
  id: branchId,
  name: optionalTextField({ label: "Name", placeholder: "Confident", expressions: "literal" }),
  when: z
    .unknown()
    .optional()
    .meta({
      ui: {
        label: "When",
        help: "An expression that is true or false.",
        placeholder: "{{ classify.output.confidence >= 0.5 }}",
        control: "text",
      },
    }),
});

/** Sends the run along one of several branches. */
export const condition = defineNode({
  type: "condition",
  name: "Condition",
  category: "logic",
  icon: "split",
  summary: "Goes on along the branch whose condition holds.",
  docs: `Looks at its branches from the top and goes on along the first one whose condition holds. When none does, it goes on along *Otherwise*. Nodes that only the other branches lead to are skipped.

**When to use it.** To treat cases differently: confident or unsure, refund or question, found or not found.

**Conditions** are expressions: \`{{ classify.output.confidence >= 0.5 }}\`, \`{{ input.message.includes("refund") }}\`. Nothing, \`false\`, 0, an empty text, the text "false" and an empty list count as no; everything else counts as yes.

**All that match** starts every branch whose condition holds, at the same time. Bring them together with *Merge*.

**Output.** \`branch\` is the id of the first branch taken, \`matched\` lists all.

**Errors.** \`expression_failed\` when a condition can't be evaluated.`,
  params: z.object({
    mode: choiceField({ label: "Go on along" }, [
      { value: "first", label: "The first branch that matches" },
      { value: "all", label: "All branches that match" },
    ]),
    branches: z
      .array(branch)
      .min(1, "add a branch")
      .max(20, "use 20 branches or fewer")
      .refine(haveOwnIds, "two branches have the same id")
      .meta({ ui: { label: "Branches", control: "list" } }),
  }),
  outputs: ({ branches }) => branchPorts(branches),
  describe: ({ branches }) => {
    const list = Array.isArray(branches) ? branches : [];
    const only = list[0];
    if (list.length === 1 && typeof only?.when === "string") return cardLine(only.when.replace(/^\{\{\s*|\s*\}\}$/g, ""));
    return cardLine(list.map((entry) => entry?.name || entry?.id).join(", "));
  },
  output: () => objectSchema({ branch: text, name: text, matched: listOf(text) }),
  timeoutMs: 5_000,
});
