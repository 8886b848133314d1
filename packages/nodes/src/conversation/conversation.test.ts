import { runNode } from "@heddle/testing/node-context";
import type { ConversationMessage } from "@heddle/node-kit";
import { describe, expect, it } from "vitest";
import { conversation } from "./definition.ts";
import { handler } from "./handler.ts";

function messages(stored: ConversationMessage[]) {
  const appended: unknown[] = [];
  return {
    appended,
    services: {
      conversations: {
        load: async (limit: number) => stored.slice(-limit),
        append: async (...call: unknown[]) => void appended.push(call),
      },
    },
  };
}
const stored: ConversationMessage[] = [
  { role: "user", content: "Hi" },
  { role: "assistant", content: "Hello" },
  { role: "user", content: "Bye" },
];

describe("conversation", () => {
  it("reads the latest messages, oldest first, and as lines", async () => {
    const { output } = await runNode(conversation, handler, { params: { limit: 2 }, services: messages(stored).services });
    expect(output).toEqual({ messages: stored.slice(1), text: "assistant: Hello\nuser: Bye" });
  });

  it("is empty where there is no conversation", async () => {
    expect((await runNode(conversation, handler, { services: messages([]).services })).output).toEqual({ messages: [], text: "" });
  });

  it("adds a message once for each step", async () => {
    const { appended, services } = messages([]);
    await runNode(conversation, handler, { params: { operation: "append", content: "Done" }, services });
    expect(appended).toEqual([[[{ role: "assistant", content: "Done" }], "run-1:node#"]]);
  });

  it.each<[string, object]>([
    ["adding nothing", { operation: "append" }],
    ["another role", { operation: "append", role: "system", content: "x" }],
    ["no messages", { limit: 0 }],
  ])("refuses %s", async (_name, params) => {
    await expect(runNode(conversation, handler, { params: { ...params } })).rejects.toMatchObject({ code: "param_invalid" });
  });
});
