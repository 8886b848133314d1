import { runNode } from "@heddle/testing/node-context";
import type { ChatRequest, ChatResult, ConversationMessage } from "@heddle/node-kit";
import { HeddleError } from "@heddle/schema";
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
    expect(output).toEqual({ messages: stored.slice(1), text: "assistant: Hello\nuser: Bye", summary: "" });
  });

  it("is empty where there is no conversation", async () => {
    expect((await runNode(conversation, handler, { services: messages([]).services })).output).toEqual({
      messages: [],
      text: "",
      summary: "",
    });
  });

  it("adds a message once for each step", async () => {
    const { appended, services } = messages([]);
    await runNode(conversation, handler, { params: { operation: "append", content: "Done" }, services });
    expect(appended).toEqual([[[{ role: "assistant", content: "Done" }], "run-1:node#"]]);
  });

  it("keeps to a budget of tokens, with the latest first, and of too long a message its end", async () => {
    const long: ConversationMessage[] = [
      { role: "user", content: "a".repeat(400) },
      { role: "assistant", content: "b".repeat(160) },
      { role: "user", content: "c".repeat(40) },
    ];
    const kept = async (maxTokens: number, all = long) => {
      const { output } = await runNode(conversation, handler, {
        params: { strategy: "tokens", maxTokens },
        services: messages(all).services,
      });
      return (output as unknown as { messages: ConversationMessage[] }).messages.map(({ content }) => content[0]! + content.length);
    };
    expect(await kept(200)).toEqual(["a400", "b160", "c40"]);
    expect(await kept(161)).toEqual(["b160", "c40"]);
    expect(await kept(57)).toEqual(["c40"]);
    expect(await kept(50, long.slice(0, 1))).toEqual(["a92"]);
  });

  describe("with a running summary", () => {
    const many = Array.from({ length: 7 }, (_, index) => ({ id: `m${index}`, role: "user" as const, content: `said ${index}` }));
    const call = { provider: "p", model: "m", usage: { inputTokens: 9, outputTokens: 1 }, durationMs: 1 };
    function world(
      history: { summary?: string; messages: typeof many },
      answer: ChatResult | HeddleError = { text: " All of it. ", toolCalls: [], finishReason: "stop", call },
    ) {
      const requests: ChatRequest[] = [];
      const summaries: string[][] = [];
      return {
        requests,
        summaries,
        services: {
          conversations: { history: async () => history, summarise: async (...entry: string[]) => void summaries.push(entry) },
          models: {
            chat: async (request: ChatRequest) => {
              requests.push(request);
              if (answer instanceof HeddleError) throw answer;
              return answer;
            },
          },
        },
      };
    }
    const params = { strategy: "summary", limit: 4, connection: "c", model: "small" };

    it("asks no model while all messages are kept", async () => {
      const { requests, services } = world({ summary: "Before.", messages: many.slice(0, 4) });
      const { output } = await runNode(conversation, handler, { params, services });
      expect(output).toMatchObject({ summary: "Before.", messages: [{ content: "said 0" }, {}, {}, {}] });
      expect(requests).toEqual([]);
    });

    it("folds the older half into the summary, once and for good", async () => {
      const { requests, summaries, services } = world({ summary: "Before.", messages: many });
      const recorded = new Map();
      const first = await runNode(conversation, handler, { params, services, recorded });
      expect(first.output).toMatchObject({ summary: "All of it.", messages: [{ content: "said 5" }, { content: "said 6" }] });
      expect(first.modelCalls).toEqual([call]);
      expect(requests).toMatchObject([{ connection: "c", model: "small" }]);
      const asked = requests[0]!.messages[1]!.content;
      expect(asked).toContain("Before.");
      expect(asked).toContain("user: said 4");
      expect(asked).not.toContain("said 5");
      expect(summaries).toEqual([["All of it.", "m4"]]);
      expect((await runNode(conversation, handler, { params, services, recorded })).output).toEqual(first.output);
      expect(requests).toHaveLength(1);
    });

    it("says what to do where no model is connected", async () => {
      const { services } = world({ messages: many }, new HeddleError("provider_not_connected", "No."));
      await expect(runNode(conversation, handler, { params, services })).rejects.toMatchObject({
        code: "provider_not_connected",
        message: expect.stringContaining("no model is connected to summarise it"),
        hint: expect.stringContaining("latest messages only"),
      });
    });
  });

  it.each<[string, object]>([
    ["adding nothing", { operation: "append" }],
    ["another role", { operation: "append", role: "system", content: "x" }],
    ["no messages", { limit: 0 }],
  ])("refuses %s", async (_name, params) => {
    await expect(runNode(conversation, handler, { params: { ...params } })).rejects.toMatchObject({ code: "param_invalid" });
  });
});
