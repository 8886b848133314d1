import { defineNode } from "@heddle/node-kit";
import { z } from "zod";
import { cardLine, shown } from "../card-line.ts";
import { listOf, messageSchema, objectSchema, text } from "../output-schemas.ts";
import { choiceField, numberField, optionalTextField } from "../param-fields.ts";

/** The messages of the run's conversation. */
export const conversation = defineNode({
  type: "conversation",
  name: "Conversation",
  category: "memory",
  icon: "messages-square",
  summary: "Remembers what was said in this conversation.",
  docs: `Remembers the messages of a conversation. Runs that carry the same \`conversationId\` share it; the chat gives each conversation an id of its own.

**When to use it.** Attach it to a *Language model* as *Memory*: the latest messages are sent along, and each exchange is remembered, with nothing else to do. As a step it reads the messages, or adds one that no model wrote.

**Output.** \`messages\`, oldest first, and \`text\`, the same as lines of \`user: …\` and \`assistant: …\`.

**Example.** After a reply that was looked up rather than written by a model, *Add a message* as *Assistant* with \`{{ search.output.passages[0].text }}\` keeps the conversation whole.

**Errors.** None of its own. A run without a conversation has no messages, and adding one does nothing.`,
  params: z
    .object({
      operation: choiceField({ label: "Do", help: "Of no account when attached to a model as memory." }, [
        { value: "load", label: "Read the messages" },
        { value: "append", label: "Add a message" },
      ]),
      limit: numberField(
        { label: "Messages", help: "At most this many of the latest." },
        { default: 20, min: 1, max: 200, isInteger: true },
      ),
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
  describe: ({ operation, role, content, limit }) =>
    operation === "append" ? cardLine(`Add as ${shown(role, "assistant")}`, content) : cardLine(`Latest ${shown(limit, "20")} messages`),
  output: () => objectSchema({ messages: listOf(messageSchema), text }),
});
