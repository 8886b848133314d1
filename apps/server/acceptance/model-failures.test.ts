import { ERROR_CODES, type ErrorCode, type ProblemDocument } from "@heddle/schema";
import { type HeddleProcess, startHeddle } from "@heddle/testing/heddle-process";
import { startAnthropicServer } from "@heddle/testing/servers/anthropic";
import { DEFAULT_TEXT, type ModelFailure, type ModelServer } from "@heddle/testing/servers/model-server";
import { startOpenAiServer } from "@heddle/testing/servers/openai";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { modelAgent } from "./documents.ts";
import { type HeddleClient, signUp } from "./heddle-client.ts";
import { readEvents, type ServerSentEvent } from "./server-sent-events.ts";

let heddle: HeddleProcess;
let user: HeddleClient;

beforeAll(async () => {
  heddle = await startHeddle();
  user = await signUp(heddle.url);
});
afterAll(() => heddle?.stop());

const KEY = "sk-canary-0123456789abcdef";

describe.each([
  ["openai", startOpenAiServer],
  ["anthropic", startAnthropicServer],
] as const)("when a provider that speaks the protocol of %s", (type, start) => {
  let server: ModelServer;
  let deploymentId: string;
  let agentId: string;

  beforeAll(async () => {
    server = await start();
    const connection = await user.createCredential(type, { apiKey: KEY, baseUrl: server.url });
    const document = modelAgent({ connection });
    for (const node of document.nodes) if (node.id === "llm") node.timeoutMs = 1_500;
    ({ id: deploymentId, agentId } = await user.deploy(document));
  });
  afterEach(() => server.reset());
  afterAll(() => server.close());

  const body = { input: { message: "Hi" } };

  const cases: [ModelFailure, ErrorCode, RegExp][] = [
    ["unauthorized", "provider_unauthorized", /refused the key/],
    ["rate-limited", "provider_rate_limited", /rate limiting/],
    ["server-error", "provider_overloaded", /had an error \(500\)/],
    ["rubbish", "provider_invalid_response", /could not be read/],
    ["html", "provider_invalid_response", /could not be read/],
    ["empty", "provider_invalid_response", /could not be read/],
    ["cut", "provider_invalid_response", /stopped halfway|could not be read/],
    ["hang", "step_timeout", /1.5 s|1,?500 ms/],
  ];

  it.each(cases)("answers with %s, the caller gets a problem document with the code %s", async (failure, code, words) => {
    server.script({ failure, message: `Incorrect API key provided: ${KEY}.`, retryAfter: 7 });
    const problem = await user.problem("POST", `/api/deployments/${deploymentId}/execute`, { body });
    expect(problem).toMatchObject({
      code,
      status: ERROR_CODES[code].status,
      detail: expect.stringMatching(words),
      details: { nodeId: "llm" },
    });
    const execution = await user.execution(problem.executionId ?? "");
    expect(execution).toMatchObject({ status: "FAILED", output: null, error: { code, message: problem.detail, nodeId: "llm" } });
    const steps = await user.trace(execution.id);
    expect(steps.filter(({ key }) => !key.includes("/")).map(({ nodeId, status }) => [nodeId, status])).toEqual([
      ["start", "completed"],
      ["llm", "failed"],
    ]);
    // The provider's own words are passed on, a key in them is not.
    expect(JSON.stringify([problem, execution, steps])).not.toContain(KEY);
    if (failure === "rate-limited") expect(problem.retryAfter).toBe("7");
  });

  it.each(["unauthorized", "rubbish", "cut", "truncated", "stream-error", "hang"] as const)(
    "breaks a stream with %s, the stream ends with the failure",
    async (failure) => {
      server.script({ failure });
      const response = await user.call("POST", `/api/deployments/${deploymentId}/execute?stream=1`, { body });
      expect(response.status).toBe(200);
      const events: ServerSentEvent[] = [];
      for await (const event of readEvents(response)) events.push(event);
      const last = events.at(-1);
      expect(last?.type).toBe("agent.execution.failed");
      const problem = last?.data.error as ProblemDocument;
      expect(problem.code).toMatch(/^provider_|^step_timeout$/);
      expect(problem.detail.length).toBeGreaterThan(10);
      expect(await user.execution(last?.data.executionId)).toMatchObject({ status: "FAILED", output: null, error: { code: problem.code } });
    },
  );

  it("is well again, so is the agent", async () => {
    expect(await user.json("POST", `/api/deployments/${deploymentId}/execute`, { body })).toMatchObject({
      status: "COMPLETED",
      output: DEFAULT_TEXT,
    });
    const executions = await user.all<{ status: string }>(`/api/agents/${agentId}/executions`);
    expect(executions.filter(({ status }) => status !== "FAILED" && status !== "COMPLETED")).toEqual([]);
  });

  it("fails at first, a retry that waits as long as it is told to mends it", async () => {
    const document = modelAgent({
      connection:
        (await user.all<{ id: string; type: string }>(`/api/workspaces/${user.workspaceId}/credentials`)).find((each) => each.type === type)
          ?.id ?? "",
    });
    for (const node of document.nodes) if (node.id === "llm") node.retry = { maxAttempts: 3, initialDelayMs: 10 };
    const { id } = await user.deploy(document);
    server.script({ failure: "rate-limited", retryAfter: "0.3" }, { failure: "server-error" }, { text: "At last." });
    const result = await user.json<{ executionId: string; output: string }>("POST", `/api/deployments/${id}/execute`, { body });
    expect(result.output).toBe("At last.");
    expect((await user.trace(result.executionId)).find(({ key }) => key === "llm#")).toMatchObject({ attempts: 3, status: "completed" });
  });
});

it("where no model server listens, the run says that it can't be reached", async () => {
  const server = await startOpenAiServer();
  const connection = await user.createCredential("openai-compatible", { baseUrl: server.url });
  await server.close();
  const { id } = await user.deploy(modelAgent({ connection }));
  const problem = await user.problem("POST", `/api/deployments/${id}/execute`, { body: { input: { message: "Hi" } } });
  expect(problem).toMatchObject({ code: "provider_unreachable", hint: "Check that the model server runs and that its base URL is right." });
});
