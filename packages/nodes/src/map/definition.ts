import { defineNode } from "@heddle/node-kit";
import { z } from "zod";
import { cardLine, shown } from "../card-line.ts";
import { containerOutput, itemErrorField } from "../container-params.ts";
import { jsonField, numberField, switchField, textOf } from "../param-fields.ts";

/** Runs the nodes inside it for each item of a list, several at a time. */
export const map = defineNode({
  type: "map",
  name: "Parallel map",
  category: "logic",
  icon: "layers",
  summary: "Runs the nodes inside it for each item of a list, several at a time.",
  docs: `Runs the nodes inside it for each item of a list, several items at a time. Inside, the nodes that nothing leads to begin; what the last of them gives is the item's result.

**When to use it.** To classify fifty e-mails, to ask a model about each row, to call an API for each order. Where a round needs the round before, use *Loop*. To run a single node for each item, turn on *Run for each item* in its settings instead.

**Inside** you can read \`item\` and \`index\` (from 0). In a map inside a map or loop, \`item\` is the inner one, and the outer one's is \`{{ outer.item }}\`, by the container's id.

**At a time** says how many items are worked on at once. Memory and the load on other services follow this number, not the length of the list.

**Example.** List \`{{ input.mails }}\`, inside a *Classify* of \`{{ item.body }}\`; then \`{{ map.output.items }}\` are the labels in the order of the mails.

**Output.** \`items\`: the results in the order of the list, \`count\`, \`failed\`: how many of them failed.

**Errors.** Whatever an item fails with, unless *When an item fails* is to go on: then that item's result is \`{ error }\`. \`param_invalid\` when the list is no list.`,
  params: z
    .object({
      items: jsonField({ label: "List", placeholder: "{{ input.orders }}", control: "text" }),
      concurrency: numberField({ label: "At a time" }, { default: 5, min: 1, max: 100, isInteger: true }),
      onItemError: itemErrorField("When an item fails"),
      collect: switchField(
        { label: "Keep the results", help: "Turn it off for very many items whose results you don't need.", isAdvanced: true },
        true,
      ),
    })
    .superRefine((params, context) => {
      if (!Object.hasOwn(params, "items") || params.items === "")
        context.addIssue({ code: "custom", path: ["items"], message: "fill this in" });
    }),
  describe: ({ items, concurrency }) =>
    cardLine(`Each of ${Array.isArray(items) ? `${items.length} items` : textOf(items)}`, `${shown(concurrency, "5")} at a time`),
  output: ({ collect }) => containerOutput(collect),
  control: "map",
  timeoutMs: 86_400_000,
});
