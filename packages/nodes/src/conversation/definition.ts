import { defineNode } from "@heddle/node-kit";
import { z } from "zod";
import { cardLine, shown } from "../card-line.ts";
import { listOf, messageSchema, objectSchema, text } from "../output-schemas.ts";
import { choiceField, numberField, optionalTextField } from "../param-fields.ts";

const STRATEGIES = [
  { value: "window", label: "The latest messages" },
  { value: "tokens", label: "A budget of tokens" },
  { value: "summary", label: "A running summary" },
] as const;

/** The messages of the run's conversation. */
export const conversation = defineNode({
  type: "conversation",
  name: "Conversation",
  category: "memory",
  icon: "messages-square",
  summary: "Remembers what was said in this conversation.",
  docs: `Remembers the messages of a conversation. Runs that carry the same \`conversationId\` share it; the chat gives each conversation an id of its own.

**When to use it.** Attach it to a *Language model* as *Memory*: the latest messages are sent along, and each exchange is remembered, with nothing else to do. As a step it reads the messages, or adds one that no model wrote.

**How much.** Models read a limited amount, and you pay for all of it.
- *The latest messages*: so many, word for word.
- *A budget of tokens*: as many of the latest as fit, counted roughly at four letters a token.
- *A running summary*: the latest word for word, and all that came before in short. When there are more than you keep, a model folds the older half into the summary; it is kept with the conversation and grows from run to run. Attached to a *Language model*, its model does that unless you choose another.

**Output.** \`messages\`, oldest first, \`text\`, the same as lines of \`user: …\` and \`assistant: …\`, and \`summary\`: what came before them, empty where nothing was summarised.

**Example.** After a reply that was looked up rather than written by a model, *Add a message* as *Assistant* with \`{{ search.output.passages[0].text }}\` keeps the conversation whole.

**Errors.** \`provider_not_connected\` and the model's other errors when a summary is due. A run without a conversation has no messages, and adding one does nothing.`,
  params: z
    .object({
      operation: choiceField({ label: "Do", help: "Of no account when attached to a model as memory." }, [
        { value: "load", label: "Read the messages" },
        { value: "append", label: "Add a message" },
      ]),
      strategy: choiceField({ label: "Remember", expressions: "literal" }, STRATEGIES),
      limit: numberField(
        {
          label: "Messages",
          help: "At most this many of the latest, word for word.",
          visibleWhen: { field: "strategy", in: ["window", "summary"] },
        },
        { default: 20, min: 1, max: 200, isInteger: true },
      ),
      maxTokens: numberField(
        { label: "Tokens", help: "About four letters each.", visibleWhen: { field: "strategy", in: ["tokens"] } },
        { default: 2_000, min: 50, max: 1_000_000, isInteger: true },
      ),
      connection: optionalTextField({
        label: "Connection",
        help: "For the summary. Left empty: that of the model it is attached to, else the one that is connected.",
        control: "chatModel",
        visibleWhen: { field: "strategy", in: ["summary"] },
        isAdvanced: true,
      }),
      model: optionalTextField({
        label: "Model",
        help: "For the summary. A small one will do.",
        visibleWhen: { field: "strategy", in: ["summary"] },
        isAdvanced: true,
      }),
      role: choiceField({ label: "As", visibleWhen: { field: "operation", in: ["append"] } }, [
        { value: "assistant", label: "Assistant" },
        { value: "user", label: "User" },
      ]),
      content: optionalTextField({ label: "Message", control: "textarea", rows: 3, visibleWhen: { field: "operation", in: ["append"] } }),
    })
    .superRefine((params, context) => {
      if (params.operation === "append" && params.content === undefined)
        context.addIssue({ code: "custom", path: ["content"], message: "fill this in" });
    }),
  provides: ["memory"],
  describe: ({ operation, role, content, strategy, limit, maxTokens }) => {
    if (operation === "append") return cardLine(`Add as ${shown(role, "assistant")}`, content);
    if (strategy === "tokens") return cardLine(`${shown(maxTokens, "2000")} tokens`);
    return cardLine(`Latest ${shown(limit, "20")} messages`, strategy === "summary" ? "and a summary" : "");
  },
  output: () => objectSchema({ messages: listOf(messageSchema), text, summary: text }),
  timeoutMs: 120_000,
});
