import { defineNode } from "@heddle/node-kit";
import { identifier } from "@heddle/schema";
import { z } from "zod";
import { cardLine } from "../card-line.ts";
import { listOf, objectSchema, text } from "../output-schemas.ts";
import { choiceField, optionalTextField } from "../param-fields.ts";

/** The port taken when no branch matches. */
export const ELSE_PORT = "else";
const RESERVED_PORTS = [ELSE_PORT, "error"];

const branch = z.object({
  id: identifier
    .refine((id) => !RESERVED_PORTS.includes(id), `the names ${RESERVED_PORTS.join(" and ")} are taken`)
    .meta({ ui: { label: "Id", help: "Edges hold on to it; rename the branch freely.", expressions: "literal", isAdvanced: true } }),
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
      .refine((branches) => new Set(branches.map(({ id }) => id)).size === branches.length, "two branches have the same id")
      .meta({ ui: { label: "Branches", control: "list" } }),
  }),
  outputs: ({ branches }) => [
    ...(Array.isArray(branches) ? branches : [])
      .filter((entry) => typeof entry?.id === "string")
      .map(({ id, name }) => ({ name: id, label: name || id })),
    { name: ELSE_PORT, label: "Otherwise" },
  ],
  describe: ({ branches }) => {
    const list = Array.isArray(branches) ? branches : [];
    const only = list[0];
    if (list.length === 1 && typeof only?.when === "string") return cardLine(only.when.replace(/^\{\{\s*|\s*\}\}$/g, ""));
    return cardLine(list.map((entry) => entry?.name || entry?.id).join(", "));
  },
  output: () => objectSchema({ branch: text, name: text, matched: listOf(text) }),
  timeoutMs: 5_000,
});
