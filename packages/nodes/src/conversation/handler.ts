import { type ConversationMessage, defineHandler } from "@heddle/node-kit";
import type { Json } from "@heddle/schema";
import { conversation } from "./definition.ts";

export const handler = defineHandler(conversation, {
  async run({ params, services, idempotencyKey }) {
    if (params.operation === "append") {
      const added: ConversationMessage[] = [{ role: params.role, content: params.content ?? "" }];
      await services.conversations.append(added, idempotencyKey);
      return { output: outputOf(added) };
    }
    return { output: outputOf(await services.conversations.load(params.limit)) };
  },
});

function outputOf(messages: ConversationMessage[]): Json {
  return {
    messages: messages.map(({ role, content }) => ({ role, content })),
    text: messages.map(({ role, content }) => `${role}: ${content}`).join("\n"),
  };
}
