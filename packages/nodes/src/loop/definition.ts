import { defineNode } from "@heddle/node-kit";
import { z } from "zod";
import { cardLine, shown } from "../card-line.ts";
import { choiceField, jsonField, numberField, optionalNumberField, switchField, textOf } from "../param-fields.ts";
import { containerOutput, itemErrorField } from "../container-params.ts";

const MODES = [
  { value: "forEach", label: "Each item of a list" },
  { value: "while", label: "As long as something holds" },
  { value: "count", label: "A number of times" },
] as const;

/** Goes round the nodes inside it, one round after another. */
export const loop = defineNode({
  type: "loop",
  name: "Loop",
  category: "logic",
  icon: "repeat",
  summary: "Repeats the nodes inside it, one round after another.",
  docs: `Repeats the nodes inside it, one round after another. Inside, the nodes that nothing leads to begin each round; what the last of them gives is the round's result.

**When to use it.** When a round needs what the round before did: paging through an API, improving a draft until it is good, working through a list in order. For items that don't depend on each other, *Parallel map* is faster.

**Inside** you can read \`item\` and \`index\` (from 0) of this round, and \`{{ loop.previous }}\`: the result of the round before, nothing in the first. In a loop inside a loop, \`item\` is the inner one, and the outer one's is \`{{ outer.item }}\`, by the loop's id. Values that should live from round to round and after the loop are kept in the agent's *State*.

**As long as something holds** looks at the condition before each round. It sees \`index\`, \`state\` and \`{{ loop.previous }}\`.

**Example.** *As long as* \`{{ index == 0 || loop.previous.next != null }}\`, with an *HTTP request* inside to \`https://api.example.com/orders?page={{ index + 1 }}\`.

**Output.** \`items\`: the rounds' results in order, \`count\`: rounds made, \`failed\`: how many of them failed. Turn *Keep the results* off for very many rounds whose results you don't need.

**Errors.** \`iteration_limit\` after more rounds than it may make, and whatever a round fails with, unless *When a round fails* is to go on: then that round's result is \`{ error }\`.`,
  params: z
    .object({
      mode: choiceField({ label: "Repeat for" }, MODES),
      items: jsonField({
        label: "List",
        placeholder: "{{ input.orders }}",
        control: "text",
        visibleWhen: { field: "mode", in: ["forEach"] },
      }),
      condition: jsonField({
        label: "As long as",
        help: "Looked at before each round.",
        placeholder: "{{ index < 3 && !state.isDone }}",
        control: "text",
        visibleWhen: { field: "mode", in: ["while"] },
      }),
      count: optionalNumberField(
        { label: "Times", visibleWhen: { field: "mode", in: ["count"] } },
        { min: 0, max: 100_000, isInteger: true },
      ),
      maxIterations: numberField(
        { label: "Rounds at most", help: "More rounds than this end the run with an error.", isAdvanced: true },
        { default: 1_000, min: 1, max: 100_000, isInteger: true },
      ),
      onItemError: itemErrorField("When a round fails"),
      collect: switchField(
        { label: "Keep the results", help: "Turn it off for very many rounds whose results you don't need.", isAdvanced: true },
        true,
      ),
    })
    .superRefine((params, context) => {
      const wanted = { forEach: "items", while: "condition", count: "count" } as const;
      const field = wanted[params.mode];
      // An expression that found nothing is judged by the run: it says so in words about lists.
      if (!Object.hasOwn(params, field) || params[field] === "")
        context.addIssue({ code: "custom", path: [field], message: "fill this in" });
    }),
  describe: ({ mode, items, condition, count }) => {
    if (mode === "while") return cardLine("While", textOf(condition));
    if (mode === "count") return cardLine(`${shown(count, "?")} times`);
    return cardLine("Each of", Array.isArray(items) ? `${items.length} items` : textOf(items));
  },
  output: ({ collect }) => containerOutput(collect),
  control: "loop",
  timeoutMs: 86_400_000,
});
