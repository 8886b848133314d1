import { createEgress } from "@heddle/egress";
import type { ChatRequest } from "@heddle/node-kit";
import { HeddleError, type ErrorCode, type JsonSchema } from "@heddle/schema";
import { startAnthropicServer } from "@heddle/testing/servers/anthropic";
import { DEFAULT_TEXT, type ModelFailure, type ModelServer } from "@heddle/testing/servers/model-server";
import { startOpenAiServer } from "@heddle/testing/servers/openai";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type ChatModels, createChatModels } from "./create-chat-models.ts";

const egress = createEgress({ allowLoopback: true });
afterAll(() => egress.close());

const KEY = "canary-0123456789abcdef";
interface Stored {
  type: string;
  name: string;
  fields: Record<string, string>;
}

/** A workspace with these credentials; with a short way for plain answers, or without. */
function chatModels(credentials: Record<string, Stored>, isShort = false): ChatModels {
  return createChatModels({
    resolveCredential: async (id) => credentials[id] ?? Promise.reject(new HeddleError("not_found", "No such credential.")),
    listCredentials: async () => Object.entries(credentials).map(([id, { type, name }]) => ({ id, type, name })),
    fetchFor: () => egress.fetch,
    ...(isShort ? { postFor: () => egress.post } : {}),
  });
}

async function failure(action: Promise<unknown>): Promise<HeddleError> {
  const error: unknown = await action.then(
    () => new Error("did not fail"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof HeddleError)) throw error;
  return error;
}

const schema: JsonSchema = {
  type: "object",
  properties: { city: { type: "string" }, days: { type: "integer" } },
  required: ["city", "days"],
  additionalProperties: false,
};
const lookup = {
  name: "lookup",
  description: "Finds an order",
  parameters: { type: "object", properties: { id: { type: "string" } }, required: ["id"] } satisfies JsonSchema,
};

describe.each([
  ["openai", startOpenAiServer, false],
  ["openai-compatible", startOpenAiServer, false],
  ["openai-compatible", startOpenAiServer, true],
  ["anthropic", startAnthropicServer, false],
] as const)("a chat model of %s", (type, start, isShort) => {
  let server: ModelServer;
  let models: ChatModels;
  beforeAll(async () => {
    server = await start();
  });
  beforeEach(() => {
    server.reset();
    models = chatModels({ c1: { type, name: "Mine", fields: { apiKey: KEY, baseUrl: server.url } } }, isShort);
  });
  afterAll(() => server.close());

  const ask = (more: Partial<ChatRequest> = {}): ChatRequest => ({
    connection: "c1",
    model: "claude-sonnet-4-5",
    messages: [{ role: "user", content: "Hello?" }],
    ...more,
  });
  const lastBody = () => server.requests.at(-1)?.body;

  test("answers with text, usage and the reason why it stopped", async () => {
    server.script({ text: "Good day.", usage: { inputTokens: 12, outputTokens: 3 } });
    const result = await models.chat(
      ask({
        temperature: 0.3,
        maxOutputTokens: 50,
        messages: [
          { role: "system", content: "Be brief." },
          { role: "user", content: "Hello?" },
        ],
      }),
    );
    expect(result).toMatchObject({
      text: "Good day.",
      toolCalls: [],
      finishReason: "stop",
      call: { provider: type, model: "claude-sonnet-4-5", usage: { inputTokens: 12, outputTokens: 3 } },
    });
    expect(result.call.durationMs).toBeGreaterThanOrEqual(0);
    // A gateway's prices are its own.
    expect(result.call).not.toHaveProperty("costUsd");
    expect(lastBody()).toMatchObject({ model: "claude-sonnet-4-5", temperature: 0.3, max_tokens: 50 });
    expect(JSON.stringify(lastBody())).toContain("Be brief.");
    const { headers } = server.requests.at(-1) ?? {};
    expect(type === "anthropic" ? headers?.["x-api-key"] : headers?.authorization).toBe(type === "anthropic" ? KEY : `Bearer ${KEY}`);
  });

  test("streams text as it arrives, with usage", async () => {
    server.script({ text: "One two three four five six.", usage: { inputTokens: 7, outputTokens: 9 } });
    const pieces: string[] = [];
    const result = await models.chat(ask({ onText: (delta) => pieces.push(delta) }));
    expect(pieces.length).toBeGreaterThan(2);
    expect(pieces.join("")).toBe("One two three four five six.");
    expect(result).toMatchObject({
      text: "One two three four five six.",
      finishReason: "stop",
      call: { usage: { inputTokens: 7, outputTokens: 9 } },
    });
  });

  test.each([
    ["whole", undefined],
    ["streamed", () => {}],
  ])("calls tools and takes their results, %s", async (_how, onText) => {
    server.script(
      {
        text: "Let me look.",
        toolCalls: [
          { id: "t1", name: "lookup", args: { id: "A-17" } },
          { id: "t2", name: "lookup", args: { id: "A-18" } },
        ],
      },
      { text: "Both are on their way." },
    );
    const first = await models.chat(ask({ tools: [lookup], ...(onText === undefined ? {} : { onText }) }));
    expect(first).toMatchObject({
      text: "Let me look.",
      finishReason: "tool-calls",
      toolCalls: [
        { id: "t1", name: "lookup", args: { id: "A-17" } },
        { id: "t2", name: "lookup", args: { id: "A-18" } },
      ],
    });
    expect(JSON.stringify(lastBody().tools)).toContain("Finds an order");

    const second = await models.chat(
      ask({
        tools: [lookup],
        messages: [
          { role: "user", content: "Where are my orders?" },
          { role: "assistant", content: first.text, toolCalls: first.toolCalls },
          { role: "tool", toolCallId: "t1", toolName: "lookup", content: '{"status":"sent"}' },
          { role: "tool", toolCallId: "t2", toolName: "lookup", content: "No such order.", isError: true },
        ],
        ...(onText === undefined ? {} : { onText }),
      }),
    );
    expect(second).toMatchObject({ text: "Both are on their way.", finishReason: "stop" });
    const sent = JSON.stringify(lastBody().messages);
    for (const part of ["t1", "t2", "No such order.", "A-17"]) expect(sent).toContain(part);
    if (type === "anthropic") expect(sent).toContain('"is_error":true');
  });

  test.each(["auto", "none", "required"] as const)("is told to use tools: %s", async (toolChoice) => {
    await models.chat(ask({ tools: [lookup], toolChoice }));
    const said = JSON.stringify(lastBody().tool_choice ?? "");
    expect(said).toContain(type === "anthropic" ? { auto: "auto", none: "", required: "any" }[toolChoice] : toolChoice);
  });

  test.each([
    ["whole", undefined],
    ["streamed", () => {}],
  ])("gives JSON of the wanted shape, %s", async (_how, onText) => {
    server.script({ json: { city: "Oslo", days: 3 } });
    const result = await models.chat(ask({ responseSchema: schema, ...(onText === undefined ? {} : { onText }) }));
    expect(JSON.parse(result.text)).toEqual({ city: "Oslo", days: 3 });
    const format = type === "anthropic" ? lastBody().output_config.format : lastBody().response_format;
    expect(format.type).toBe("json_schema");
    expect((type === "anthropic" ? format.schema : format.json_schema.schema).properties).toHaveProperty("city");
  });

  test.each([
    ["length", "length"],
    ["content-filter", "content-filter"],
  ] as const)("says that it stopped for %s", async (finishReason, expected) => {
    server.script({ text: "cut", finishReason }, { text: "cut", finishReason });
    expect((await models.chat(ask())).finishReason).toBe(expected);
    expect((await models.chat(ask({ onText: () => {} }))).finishReason).toBe(expected);
  });

  const FAILURES: [ModelFailure, ErrorCode, boolean][] = [
    ["unauthorized", "provider_unauthorized", false],
    ["forbidden", "provider_unauthorized", false],
    ["not-found", "provider_rejected", false],
    ["rejected", "provider_rejected", false],
    ["rate-limited", "provider_rate_limited", true],
    ["server-error", "provider_overloaded", true],
    ["overloaded", "provider_overloaded", true],
    ["timeout", "provider_overloaded", true],
    ["rubbish", "provider_invalid_response", true],
    ["html", "provider_invalid_response", true],
    ["empty", "provider_invalid_response", true],
    ["malformed", "provider_invalid_response", true],
    ["cut", "provider_invalid_response", true],
    ["truncated", "provider_invalid_response", true],
    ["stream-error", "provider_overloaded", true],
  ];
  describe.each([
    ["whole", undefined],
    ["streamed", () => {}],
  ])("when the provider fails, %s", (_how, onText) => {
    test.each(FAILURES)("%s becomes %s", async (kind, code, retryable) => {
      server.script({ failure: kind });
      const error = await failure(models.chat(ask(onText === undefined ? {} : { onText })));
      expect({ code: error.code, retryable: error.retryable }).toEqual({ code, retryable });
      expect(server.requests).toHaveLength(1);
      expect(error.message).toMatch(/[.…]$/);
    });

    test("the key is kept out of the message", async () => {
      server.script(
        { failure: "unauthorized", message: `Incorrect API key provided: ${KEY}.` },
        { failure: "rejected", message: "Bad header Bearer abcdefgh12345678" },
      );
      const refused = await failure(models.chat(ask(onText === undefined ? {} : { onText })));
      expect(refused.message).toContain("Incorrect API key provided");
      const rejected = await failure(models.chat(ask(onText === undefined ? {} : { onText })));
      const everything = [refused, rejected]
        .map((error) => `${error.message} ${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`)
        .join();
      expect(everything).not.toContain(KEY);
      expect(everything).not.toContain("abcdefgh12345678");
    });

    test("a hanging provider is left when the run gives up", async () => {
      server.script({ failure: "hang" });
      const reason = new HeddleError("step_timeout", "Too long.");
      const controller = new AbortController();
      setTimeout(() => controller.abort(reason), 30);
      await expect(models.chat(ask({ signal: controller.signal, ...(onText === undefined ? {} : { onText }) }))).rejects.toBe(reason);
    });
  });

  test("Retry-After is passed on, as seconds or a date", async () => {
    server.script(
      { failure: "rate-limited", retryAfter: 7 },
      { failure: "overloaded", retryAfter: new Date(Date.now() + 60_000).toUTCString() },
    );
    expect((await failure(models.chat(ask()))).retryAfterMs).toBe(7_000);
    const later = (await failure(models.chat(ask()))).retryAfterMs ?? 0;
    expect(later).toBeGreaterThan(55_000);
    expect(later).toBeLessThanOrEqual(60_000);
  });

  test("a server that is down is unreachable", async () => {
    const gone = chatModels({ c1: { type, name: "Gone", fields: { apiKey: KEY, baseUrl: "http://127.0.0.1:1/v1" } } }, isShort);
    for (const more of [{}, { onText: () => {} }]) {
      expect(await failure(gone.chat(ask(more)))).toMatchObject({ code: "provider_unreachable", retryable: true });
    }
  });

  test("an address that may not be called is said to be so", async () => {
    const inside = chatModels({ c1: { type, name: "Inside", fields: { apiKey: KEY, baseUrl: "http://169.254.169.254/v1" } } }, isShort);
    const error = await failure(inside.chat(ask()));
    expect(error).toMatchObject({ code: "provider_unreachable", retryable: false });
    expect(error.message).toContain("link-local");
  });

  test("lists the provider's models", async () => {
    expect(await models.connections()).toEqual([
      {
        connection: "c1",
        label: "Mine",
        provider: type,
        isLocal: false,
        models: type === "anthropic" ? ["claude-scripted"] : ["scripted-large", "scripted-small"],
      },
    ]);
  });
});

describe("finding a model", () => {
  let server: ModelServer;
  beforeAll(async () => {
    server = await startOpenAiServer();
  });
  afterAll(() => server.close());
  afterEach(() => server.reset());
  const compatible = (more: Record<string, string> = {}): Stored => ({
    type: "openai-compatible",
    name: "Box",
    fields: { baseUrl: server.url, ...more },
  });
  const messages: ChatRequest["messages"] = [{ role: "user", content: "Hello?" }];

  test("auto takes the oldest model credential", async () => {
    const models = chatModels({
      h: { type: "http-bearer", name: "Other", fields: {} },
      a: compatible({ defaultModel: "first" }),
      b: compatible({ defaultModel: "second" }),
    });
    expect((await models.chat({ connection: "auto", messages })).call.model).toBe("first");
    expect(await models.isAvailable({ connection: "auto" })).toBe(true);
  });

  test("without a name, the first chat model that the server lists is used", async () => {
    const models = chatModels({ a: compatible() });
    const result = await models.chat({ connection: "a", messages });
    expect(result).toMatchObject({ text: DEFAULT_TEXT, call: { model: "scripted-large" } });
    await models.chat({ connection: "a", messages });
    expect(server.requests.map(({ path }) => path)).toEqual(["/v1/models", "/v1/chat/completions", "/v1/chat/completions"]);
  });

  test("nothing connected, a deleted credential and one of another kind are told apart from errors", async () => {
    const models = chatModels({ h: { type: "http-bearer", name: "Other", fields: { token: "t" } } });
    for (const connection of ["auto", "gone", "h", "local:ollama"]) {
      expect(await models.isAvailable({ connection })).toBe(false);
      expect((await failure(models.chat({ connection, messages }))).code).toBe("provider_not_connected");
    }
  });

  test("a changed key is used at once, an unchanged one keeps its provider", async () => {
    const stored = compatible({ apiKey: "key-number-one", defaultModel: "m" });
    const models = chatModels({ a: stored });
    await models.chat({ connection: "a", messages });
    stored.fields = { ...stored.fields, apiKey: "key-number-two" };
    await models.chat({ connection: "a", messages });
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(["Bearer key-number-one", "Bearer key-number-two"]);
  });

  test("keys and addresses in the server's environment are never used for a tenant", async () => {
    const before = { ...process.env };
    Object.assign(process.env, {
      OPENAI_API_KEY: KEY,
      ANTHROPIC_API_KEY: KEY,
      OPENAI_BASE_URL: "http://127.0.0.1:1/v1",
      ANTHROPIC_BASE_URL: "http://127.0.0.1:1/v1",
    });
    try {
      const models = chatModels({
        a: { type: "openai", name: "A", fields: { baseUrl: server.url } },
        b: compatible({ defaultModel: "m" }),
      });
      await models.chat({ connection: "a", messages });
      await models.chat({ connection: "b", messages });
      expect(server.requests).toHaveLength(2);
      expect(JSON.stringify(server.requests)).not.toContain(KEY);
    } finally {
      process.env = before;
    }
  });

  test("tool arguments that are not JSON are the provider's fault", async () => {
    server.script({ failure: "bad-tool-arguments" });
    const models = chatModels({ a: compatible({ defaultModel: "m" }) });
    expect(await failure(models.chat({ connection: "a", messages, tools: [lookup] }))).toMatchObject({
      code: "provider_invalid_response",
      retryable: true,
    });
  });

  test("an open schema is sent as it is, a closed one in strict mode", async () => {
    const models = chatModels({
      a: { type: "openai", name: "A", fields: { apiKey: KEY, baseUrl: server.url } },
      b: compatible({ defaultModel: "m" }),
    });
    for (const connection of ["a", "b"]) {
      await models.chat({ connection, model: "gpt-4o", messages, responseSchema: schema });
      expect(server.requests.at(-1)?.body.response_format.json_schema.strict).toBe(true);
      const { additionalProperties: _closed, ...openSchema } = schema;
      await models.chat({ connection, model: "gpt-4o", messages, responseSchema: openSchema });
      expect(server.requests.at(-1)?.body.response_format.json_schema.strict).toBe(false);
    }
  });
});
