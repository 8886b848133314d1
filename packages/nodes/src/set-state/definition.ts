import { defineNode } from "@heddle/node-kit";
import { identifier, type JsonSchema } from "@heddle/schema";
import { z } from "zod";
import { cardLine } from "../card-line.ts";
import { anything, objectSchema } from "../output-schemas.ts";
import { jsonField } from "../param-fields.ts";

const update = z.object({
  name: identifier.meta({ ui: { label: "State", help: "One of the agent's state values.", control: "state", expressions: "literal" } }),
  value: jsonField({ label: "Value", placeholder: "{{ item.total }}", rows: 2 }),
});

/** Changes values that all nodes of the run share. */
export const setState = defineNode({
  type: "set-state",
  name: "Set state",
  category: "logic",
  icon: "variable",
  summary: "Changes values that the run's nodes share.",
  docs: `Changes values that all nodes of a run share: the agent's *State*, which you list in the agent's settings with a name, a first value, and how an update joins it.

**When to use it.** To carry something through a loop and beyond it: a total, a list of findings, whether something was found. To remember from one run to the next, use *Key-value memory*.

**How an update joins** what is there is said where the state is listed: *replace* takes its place, *append* adds it to the end of a list, *add* adds it to a number. Branches and parallel items may update the same value: with *append* and *add* nothing is lost.

**Example.** With a state \`total\` that starts at 0 and is added to, a *Set state* inside a loop sets \`total\` to \`{{ item.price * item.quantity }}\`; after the loop, \`{{ state.total }}\` is the sum.

**Output.** The values given, by name. What the state became is read as \`{{ state.total }}\` in later nodes.

**Errors.** \`param_invalid\` when the agent has no such state, or the value can't be added to what is there.`,
  params: z.object({
    updates: z
      .array(update)
      .min(1, "add an update")
      .max(50, "use 50 updates or fewer")
      .meta({ ui: { label: "Updates", control: "list" } }),
  }),
  describe: ({ updates }) => cardLine(namesOf(updates).join(", ")),
  output: ({ updates }) => objectSchema(Object.fromEntries(namesOf(updates).map((name): [string, JsonSchema] => [name, anything]))),
});

function namesOf(updates: unknown): string[] {
  const list: unknown[] = Array.isArray(updates) ? updates : [];
  return list.flatMap((entry) => {
    const name = (entry as { name?: unknown } | null)?.name;
    return typeof name === "string" && name !== "" ? [name] : [];
  });
}
