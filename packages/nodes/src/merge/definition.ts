import { defineNode } from "@heddle/node-kit";
import { z } from "zod";
import { anything, objectSchema } from "../output-schemas.ts";
import { choiceField } from "../param-fields.ts";

const MODES = [
  { value: "all", label: "All branches", help: "Waits for every branch that is still on its way." },
  { value: "any", label: "Whichever comes first", help: "Goes on at once; the other branches finish on their own." },
  { value: "first", label: "First one wins", help: "Goes on at once and stops the other branches." },
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

**Errors.** None of its own.`,
  params: z.object({ mode: choiceField({ label: "Wait for" }, MODES) }),
  describe: ({ mode }) => MODES.find(({ value }) => value === mode)?.label ?? MODES[0].label,
  output: ({ mode }) =>
    mode === "any" || mode === "first" ? anything : objectSchema({ branches: { type: "object", additionalProperties: true } }),
  timeoutMs: 5_000,
});
