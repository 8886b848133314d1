import { createEgress } from "@heddle/egress";
import { createChatModels } from "@heddle/models";
import type { StepServices } from "@heddle/node-kit";
import { compileAgent, MemoryJournal, runAgent, systemClock } from "@heddle/runtime";
import { agentDocument, type AgentNode, type RunEvent } from "@heddle/schema";
import { startAnthropicServer } from "@heddle/testing/servers/anthropic";
import type { ModelServer } from "@heddle/testing/servers/model-server";
import { startOpenAiServer } from "@heddle/testing/servers/openai";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { definitions } from "../definitions.ts";
import { handlers } from "../handlers.ts";

const egress = createEgress({ allowLoopback: true });
afterAll(() => egress.close());

describe.each([
  ["openai", startOpenAiServer],
  ["openai-compatible", startOpenAiServer],
  ["anthropic", startAnthropicServer],
] as const)("an agent on a server that speaks the protocol of %s", (type, start) => {
  let server: ModelServer;
  beforeAll(async () => {
    server = await start();
  });
  afterEach(() => server.reset());
  afterAll(() => server.close());

  /** Runs message → model → reply, with a tool that adds. */
  async function run(params: AgentNode["params"], reply: string) {
    const document = agentDocument.parse({
      nodes: [
        { id: "chat", type: "chat-trigger", name: "Chat" },
        { id: "llm", type: "llm", name: "Model", params: { connection: "key", model: "m", ...params } },
        {
          id: "add",
          type: "format",
          name: "Add",
          params: { mode: "json", json: { sum: "{{ args.a + args.b }}" } },
          tool: {
            description: "Adds",
            parameters: { type: "object", properties: { a: { type: "number" }, b: { type: "number" } }, required: ["a", "b"] },
          },
        },
        { id: "reply", type: "reply", name: "Reply", params: { mode: "json", json: reply } },
      ],
      edges: [
        { id: "1", source: { node: "chat" }, target: { node: "llm" } },
        { id: "2", source: { node: "llm" }, target: { node: "reply" } },
        { id: "3", kind: "attachment", source: { node: "add" }, target: { node: "llm", port: "tools" } },
      ],
    });
    const models = createChatModels({
      resolveCredential: async () => ({ type, fields: { apiKey: "k", baseUrl: server.url } }),
      listCredentials: async () => [{ id: "key", type, name: "Key" }],
      fetchFor: () => egress.fetch,
    });
    const events: RunEvent[] = [];
    const outcome = await runAgent(compileAgent(document, definitions), {
      input: { message: "Hi" },
      run: { executionId: "e", agentId: "a", workspaceId: "w", startedAt: 0, isDeployed: true },
      services: { models } as unknown as StepServices,
      handlers,
      journal: new MemoryJournal(),
      clock: systemClock,
      random: () => 0,
      signal: new AbortController().signal,
      onEvent: (event) => events.push(event),
    });
    return { outcome, streamed: events.flatMap((event) => (event.type === "step.delta" ? [event.text] : [])) };
  }

  it("answers, streams and counts its tokens", async () => {
    server.script({ text: "Hello there, and welcome to the shop.", usage: { inputTokens: 11, outputTokens: 7 } });
    const { outcome, streamed } = await run({ system: "Be kind." }, "{{ llm.output.text }}");
    expect(outcome).toMatchObject({
      status: "completed",
      output: "Hello there, and welcome to the shop.",
      usage: { inputTokens: 11, outputTokens: 7 },
    });
    expect(streamed.length).toBeGreaterThan(1);
    expect(streamed.join("")).toBe("Hello there, and welcome to the shop.");
  });

  it("calls a tool and goes on with what it gave", async () => {
    server.script({ toolCalls: [{ name: "add", args: { a: 1, b: 2 } }] }, { text: "Three" });
    const { outcome } = await run({}, "{{ llm.output }}");
    expect(outcome).toMatchObject({ status: "completed", output: { text: "Three", toolCalls: [{ name: "add", args: { a: 1, b: 2 } }] } });
    expect(server.requests).toHaveLength(2);
    expect(JSON.stringify(server.requests[1]?.body)).toContain('{\\"sum\\":3}');
  });

  it("gives JSON that fits its schema, after one mending", async () => {
    const responseSchema = { type: "object", properties: { n: { type: "integer" } }, required: ["n"], additionalProperties: false };
    server.script({ json: { n: "one" } }, { json: { n: 1 } });
    const { outcome } = await run({ responseSchema }, "{{ llm.output.json }}");
    expect(outcome).toMatchObject({ status: "completed", output: { n: 1 } });
    expect(server.requests).toHaveLength(2);
  });

  it.each([
    ["unauthorized", "provider_unauthorized"],
    ["rate-limited", "provider_rate_limited"],
    ["server-error", "provider_overloaded"],
    ["rubbish", "provider_invalid_response"],
    ["empty", "provider_invalid_response"],
  ] as const)("says what is wrong when the provider's answer is %s", async (failure, code) => {
    server.script({ failure });
    const { outcome } = await run({}, "{{ llm.output }}");
    expect(outcome).toMatchObject({ status: "failed", error: { code, nodeId: "llm" } });
  });
});
