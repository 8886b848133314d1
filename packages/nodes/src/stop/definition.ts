import { defineNode } from "@heddle/node-kit";
import { z } from "zod";
import { cardLine, shown } from "../card-line.ts";
import { jsonField, textField } from "../param-fields.ts";

/** Ends the run with an error. */
export const stop = defineNode({
  type: "stop",
  name: "Stop with error",
  category: "logic",
  icon: "octagon-x",
  summary: "Ends the run with an error of your own.",
  docs: `Ends the whole run with an error that you word yourself. Branches that are still going are given up.

**When to use it.** When going on would do harm or make no sense: the customer is not known, a check has failed, the amount is too high. Whoever started the run gets your message, and an agent that starts on *Failed run* gets it too.

**Code** is for programs: a short name that stays the same, such as \`customer_unknown\`. They find it as \`error.details.code\`; \`error.code\` is \`run_stopped\`.

**Example.** Code \`amount_too_high\`, message \`{{ input.amount }} is more than this agent may refund.\`

**Errors.** \`run_stopped\`, always. It is not tried again.`,
  params: z.object({
    code: textField({ label: "Code", placeholder: "customer_unknown", expressions: "literal" }).refine(
      (code) => /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/.test(code),
      "use letters, digits, _, - and ., starting with a letter, for example customer_unknown",
    ),
    message: textField({
      label: "Message",
      help: "A sentence for whoever started the run.",
      placeholder: "There is no customer {{ input.customerId }}.",
      control: "textarea",
      rows: 2,
    }),
    details: jsonField({ label: "Details", help: "For programs, beside the code.", rows: 3, isAdvanced: true }),
  }),
  outputs: () => [],
  describe: ({ code, message }) => cardLine(shown(code), message),
  timeoutMs: 5_000,
});
