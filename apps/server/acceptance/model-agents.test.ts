import { type HeddleProcess, startHeddle } from "@heddle/testing/heddle-process";
import { startAnthropicServer } from "@heddle/testing/servers/anthropic";
import { type Canary, startCanary } from "@heddle/testing/servers/canary";
import type { ModelServer } from "@heddle/testing/servers/model-server";
import { startOpenAiServer } from "@heddle/testing/servers/openai";
import type { ExecutionResult } from "@heddle/schema";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { chain, modelAgent, node } from "./documents.ts";
import { type HeddleClient, signUp } from "./heddle-client.ts";
import { readEvents, type ServerSentEvent } from "./server-sent-events.ts";

let heddle: HeddleProcess;
let shop: Canary;
let user: HeddleClient;

beforeAll(async () => {
  shop = await startCanary();
  heddle = await startHeddle({ environment: { HEDDLE_EGRESS_ALLOW: `127.0.0.1:${shop.port}` } });
  user = await signUp(heddle.url);
});
afterAll(async () => {
  await heddle?.stop();
  await shop?.close();
});

const message = (text: string) => ({ body: { input: { message: text } } });

describe.each([
  ["openai", startOpenAiServer],
  ["openai-compatible", startOpenAiServer],
  ["anthropic", startAnthropicServer],
] as const)("an agent on a server that speaks the protocol of %s", (type, start) => {
  let server: ModelServer;
  let connection: string;

  beforeAll(async () => {
    server = await start();
    connection = await user.createCredential(type, { apiKey: "sk-not-a-real-key", baseUrl: server.url });
  });
  afterEach(() => server.reset());
  afterAll(() => server.close());

  const deploy = (params: Parameters<typeof modelAgent>[0] = {}, options: Parameters<typeof modelAgent>[1] = {}) =>
    user.deploy(modelAgent({ connection, ...params }, options));
  const execute = (id: string, text: string) => user.json<ExecutionResult>("POST", `/api/deployments/${id}/execute`, message(text));

  it("answers, and its tokens are in the answer, the execution and the trace", async () => {
    server.script({ text: "We are open until six.", usage: { inputTokens: 31, outputTokens: 12 } });
    const { id } = await deploy({ system: "You work in a shop.", temperature: 0.2 });
    const result = await execute(id, "When do you close?");
    expect(result).toMatchObject({ status: "COMPLETED", output: "We are open until six.", tokensUsed: 43 });
    expect(await user.execution(result.executionId)).toMatchObject({
      status: "COMPLETED",
      tokensUsed: 43,
      deploymentId: id,
      trigger: "api",
      input: { message: "When do you close?" },
      output: "We are open until six.",
    });
    const steps = await user.trace(result.executionId);
    const nodes = steps.filter(({ key }) => !key.includes("/"));
    expect(nodes.map(({ nodeId, status, tokensUsed }) => [nodeId, status, tokensUsed])).toEqual([
      ["start", "completed", 0],
      ["llm", "completed", 43],
      ["reply", "completed", 0],
    ]);
    expect(JSON.stringify(server.requests.at(-1)?.body)).toContain("You work in a shop.");
  });

  it("streams: its words arrive one by one while the model still writes", async () => {
    const text = "A long answer that comes in many pieces.";
    let finish = () => {};
    server.script({ text, pauseBeforeEnd: new Promise<void>((resolve) => (finish = resolve)) });
    const { id } = await deploy();
    const response = await user.call("POST", `/api/deployments/${id}/execute?stream=1`, message("Hi"));
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    const events: ServerSentEvent[] = [];
    let written = "";
    for await (const event of readEvents(response)) {
      events.push(event);
      if (event.data.event?.type === "step.delta") written += event.data.event.text;
      // The model ends only now: whoever waits for its end before it passes words on never gets here.
      if (written === text) finish();
    }
    expect(events.map(({ id: number }) => number)).toEqual(events.map((_, index) => index + 1));
    expect(events[0]?.type).toBe("agent.execution.started");
    expect(events.filter(({ data }) => data.event?.type === "step.delta").length).toBeGreaterThan(3);
    const last = events.at(-1);
    expect(last).toMatchObject({
      type: "agent.execution.completed",
      data: { result: { status: "COMPLETED", output: text, tokensUsed: 16 } },
    });
    expect(response.headers.get("x-execution-id")).toBe(last?.data.executionId);
    expect(await user.execution(last?.data.executionId)).toMatchObject({ status: "COMPLETED", tokensUsed: 16 });
  });

  it("calls a web service and code as tools, and the calls are steps of the trace", async () => {
    const lookUp = node(
      "lookUp",
      "http-request",
      { method: "POST", url: `http://127.0.0.1:${shop.port}/echo`, bodyKind: "json", json: { order: "{{ args.order }}" } },
      {
        tool: {
          description: "Looks an order up",
          parameters: { type: "object", properties: { order: { type: "string" } }, required: ["order"] },
        },
      },
    );
    const add = node(
      "add",
      "code",
      { source: "return input.prices.reduce((sum, price) => sum + price, 0);", input: "{{ args }}" },
      {
        tool: {
          description: "Adds prices",
          parameters: { type: "object", properties: { prices: { type: "array", items: { type: "number" } } }, required: ["prices"] },
        },
      },
    );
    const before = shop.hits.length;
    server.script(
      {
        toolCalls: [
          { name: "lookUp", args: { order: "A-17" } },
          { name: "add", args: { prices: [1.5, 2.5] } },
        ],
        usage: { inputTokens: 20, outputTokens: 5 },
      },
      { text: "Order A-17 costs 4.", usage: { inputTokens: 40, outputTokens: 9 } },
    );
    const { id } = await deploy(
      {},
      {
        answer: "{{ llm.output }}",
        lent: [
          [lookUp, "llm", "tools"],
          [add, "llm", "tools"],
        ],
      },
    );
    const { output, executionId, tokensUsed } = await execute(id, "What does A-17 cost?");
    expect(output).toMatchObject({
      text: "Order A-17 costs 4.",
      toolCalls: [
        { name: "lookUp", args: { order: "A-17" } },
        { name: "add", args: { prices: [1.5, 2.5] } },
      ],
    });
    expect(tokensUsed).toBe(74);
    expect(shop.hits.length).toBe(before + 1);
    const told = JSON.stringify(server.requests.at(-1)?.body);
    expect(told).toContain("A-17");
    const steps = await user.trace(executionId);
    expect(steps.find(({ nodeId }) => nodeId === "add")).toMatchObject({ status: "completed", output: { value: 4 } });
    expect(steps.find(({ nodeId }) => nodeId === "lookUp")).toMatchObject({ status: "completed", output: { status: 200 } });
  });

  it("tells the model when a tool fails, and goes on", async () => {
    const broken = node("broken", "code", { source: "throw new Error('out of stock')" }, { tool: { description: "Fails" } });
    server.script({ toolCalls: [{ name: "broken", args: {} }] }, { text: "Sorry." });
    const { id } = await deploy({}, { lent: [[broken, "llm", "tools"]] });
    expect((await execute(id, "Order it")).output).toBe("Sorry.");
    expect(JSON.stringify(server.requests.at(-1)?.body)).toContain("out of stock");
  });

  it("gives JSON that fits its schema, and has an answer mended that does not", async () => {
    const responseSchema = {
      type: "object",
      properties: { city: { type: "string" }, people: { type: "integer" } },
      required: ["city", "people"],
      additionalProperties: false,
    };
    server.script({ json: { city: "Bern", people: "many" } }, { json: { city: "Bern", people: 134_000 } });
    const { id } = await deploy({ responseSchema }, { answer: "{{ llm.output.json }}" });
    const { output, tokensUsed } = await execute(id, "Bern?");
    expect(output).toEqual({ city: "Bern", people: 134_000 });
    expect(tokensUsed).toBe(32);
  });

  it("remembers a conversation by its id, and another one not at all", async () => {
    const memory = node("memory", "conversation");
    const { id } = await deploy({}, { lent: [[memory, "llm", "memory"]] });
    const say = (text: string, conversationId: string) =>
      user.json<ExecutionResult>("POST", `/api/deployments/${id}/execute`, { body: { input: { message: text }, conversationId } });
    server.script({ text: "Nice to meet you, Ada." }, { text: "You are Ada." }, { text: "I don't know." });
    await say("I am Ada.", `first-${type}`);
    await say("Who am I?", `first-${type}`);
    await say("Who am I?", `second-${type}`);
    const [, second, third] = server.requests.map(({ body }) => JSON.stringify(body.messages));
    expect(second).toContain("I am Ada.");
    expect(second).toContain("Nice to meet you, Ada.");
    expect(third).not.toContain("Ada");
  });
});

it("a chat may be sent its message alone", async () => {
  const { id } = await user.deploy(
    chain([node("start", "chat-trigger"), node("reply", "reply", { text: "You said {{ input.message }}" })]),
  );
  const said = await user.json("POST", `/api/deployments/${id}/execute`, { body: { input: "hello" } });
  expect(said).toMatchObject({ output: "You said hello" });
});

describe("a run that nobody waits for", () => {
  it("is accepted with 202, told of over a WebSocket and found complete", async () => {
    const { id, agentId } = await user.deploy({
      nodes: [node("start", "api-trigger"), node("reply", "reply", { text: "Done: {{ input.message }}" })],
      edges: [{ id: "1", source: { node: "start" }, target: { node: "reply" } }],
    });
    const socket = new WebSocket(`${heddle.url.replace("http", "ws")}/api/ws`, { headers: { cookie: user.cookie } } as never);
    const heard: any[] = []; // eslint-disable-line typescript/no-explicit-any -- read field by field
    socket.addEventListener("message", ({ data }) => heard.push(JSON.parse(String(data))));
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve);
      socket.addEventListener("error", reject);
    });
    socket.send(JSON.stringify({ type: "subscribe", agentId }));
    await expect.poll(() => heard).toContainEqual({ type: "subscribed", agentId });
    const accepted = await user.call("POST", `/api/deployments/${id}/execute?async=1`, message("later"));
    expect(accepted.status).toBe(202);
    const { executionId } = (await accepted.json()) as { executionId: string };
    expect(await user.ended(executionId)).toMatchObject({ status: "COMPLETED", output: "Done: later" });
    await expect
      .poll(() => heard.at(-1))
      .toMatchObject({ type: "agent.execution.completed", data: { executionId, result: { output: "Done: later" } } });
    expect(heard.map(({ type }) => type).slice(0, 2)).toEqual(["subscribed", "agent.execution.started"]);
    expect(heard.filter(({ type }) => type === "agent.execution.progress").length).toBeGreaterThan(0);
    socket.close();
  });

  it("is one run, however often and at once it is asked for under one key", async () => {
    const { id, agentId } = await user.deploy({
      nodes: [node("start", "api-trigger"), node("reply", "reply", { mode: "json", json: "{{ run.id }}" })],
      edges: [{ id: "1", source: { node: "start" }, target: { node: "reply" } }],
    });
    const post = (text: string) =>
      user.call("POST", `/api/deployments/${id}/execute`, { ...message(text), headers: { "idempotency-key": "order 17" } });
    const answers = await Promise.all(Array.from({ length: 50 }, () => post("once")));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const bodies = (await Promise.all(answers.map((answer) => answer.json()))) as ExecutionResult[];
    expect(new Set(bodies.map(({ executionId }) => executionId)).size).toBe(1);
    expect(new Set(bodies.map((body) => body.output)).size).toBe(1);
    expect(await user.all(`/api/agents/${agentId}/executions`)).toHaveLength(1);
    const other = await post("something else");
    expect(other.status).toBe(422);
    expect(await other.json()).toMatchObject({ code: "idempotency_mismatch" });
  });
});
