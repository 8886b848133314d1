import { defineNode } from "@heddle/node-kit";
import { z } from "zod";
import { cardLine, shown } from "../card-line.ts";
import { listOf, messageSchema, objectSchema, text } from "../output-schemas.ts";
import { optionalTextField } from "../param-fields.ts";

/** Starts a run with a chat message. */
export const chatTrigger = defineNode({
  type: "chat-trigger",
  name: "Chat message",
  category: "trigger",
  icon: "message-circle",
  summary: "Starts when someone sends a message.",
  docs: `Starts a run with a message that someone wrote in the chat, or that a program sent.

**When to use it.** For assistants that people talk to. Use *API call* when a program sends structured data.

**Input.** \`{ "message": "Where is my card?" }\`. A program may also send \`history\`, the earlier messages, oldest first.

**Example.** Put \`{{ input.message }}\` into the prompt of a *Language model*, and its \`{{ llm.output.text }}\` into a *Reply*.

**Errors.** \`input_invalid\` when there is no message, or it is not text.`,
  params: z.object({
    greeting: optionalTextField({
      label: "Greeting",
      help: "What the chat says before the first message.",
      placeholder: "Hello! How can I help?",
      control: "textarea",
      rows: 2,
      expressions: "literal",
    }),
    suggestions: z
      .array(
        z
          .string()
          .max(200)
          .meta({ ui: { label: "Message", expressions: "literal" } }),
      )
      .max(8)
      .default([])
      .meta({
        ui: {
          label: "Suggested messages",
          help: "Shown as buttons while the chat is empty.",
          control: "list",
          expressions: "literal",
          isAdvanced: true,
        },
      }),
  }),
  describe: (params) => cardLine(shown(params.greeting, "Waits for a message")),
  output: () => objectSchema({ message: text, history: listOf(messageSchema) }),
});
