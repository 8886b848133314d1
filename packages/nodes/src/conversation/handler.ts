import { type ConversationMessage, defineHandler } from "@heddle/node-kit";
import type { Json } from "@heddle/schema";
import { conversationText, type RememberedConversation, recallConversation } from "../conversation-memory.ts";
import { conversation } from "./definition.ts";

export const handler = defineHandler(conversation, {
  async run(context) {
    const { params, services, idempotencyKey } = context;
    if (params.operation === "append") {
      const added: ConversationMessage[] = [{ role: params.role, content: params.content ?? "" }];
      await services.conversations.append(added, idempotencyKey);
      return { output: outputOf({ messages: added, summary: "" }) };
    }
    return { output: outputOf(await recallConversation(context, params)) };
  },
});

function outputOf({ messages, summary }: RememberedConversation): Json {
  return { messages: messages.map(({ role, content }) => ({ role, content })), text: conversationText(messages), summary };
}
