import { defineNode, EXHAUSTED_PORT } from "@heddle/node-kit";
import { z } from "zod";
import { cardLine, shown } from "../card-line.ts";
import { anything } from "../output-schemas.ts";
import { numberField, textField } from "../param-fields.ts";

/** Goes back to an earlier node. */
export const goto = defineNode({
  type: "goto",
  name: "Go back",
  category: "logic",
  icon: "corner-up-left",
  summary: "Goes back to an earlier node, a limited number of times.",
  docs: `Goes back to an earlier node and hands it what arrived here. That node and everything after it run again. It is the one way to go in a circle: connections themselves never do.

**When to use it.** To try again with another prompt, to ask for what is missing, to have a draft improved until a check is content. To work through a list, use *Loop*.

**Limit.** After as many times as you allow, the run leaves by *Used up*. Where nothing is connected there, it ends with an error.

**What the target reads.** It runs again with what arrived at the go-to, and expressions between it and the go-to may read each other's outputs of the round before; in the first round those are empty. What should outlast several rounds belongs into the agent's state, by *Set state*.

**Example.** *Validate* the model's draft; *Invalid* leads to *Go back* with the model as its target. The model's prompt ends with \`{{ check.output.problems }}\`, which is empty the first time.

**Output.** What arrived, when it leaves by *Used up*.

**Errors.** \`jump_limit\` when it is used up and nothing is connected to *Used up*.`,
  params: z.object({
    target: textField({ label: "Back to", help: "A node that leads here.", control: "node", expressions: "literal" }),
    maxJumps: numberField({ label: "Times at most", expressions: "literal" }, { default: 10, min: 1, max: 1_000, isInteger: true }),
  }),
  outputs: () => [{ name: EXHAUSTED_PORT, label: "Used up" }],
  describe: ({ target, maxJumps }) =>
    cardLine(shown(target) === "" ? "" : `Back to ${shown(target)}`, `${shown(maxJumps, "10")} times at most`),
  output: (_params, typeOf) => typeOf?.() ?? anything,
  control: "goto",
});
