import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AgentDetail, DeploymentResource, ExecutionResource, ExecutionResult } from "@heddle/schema";
import { freePort, type HeddleProcess, startHeddle } from "@heddle/testing/heddle-process";
import { type Canary, startCanary } from "@heddle/testing/servers/canary";
import type { ModelServer } from "@heddle/testing/servers/model-server";
import { startOpenAiServer } from "@heddle/testing/servers/openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chain, modelAgent, node } from "./documents.ts";
import { clientFor, type HeddleClient, signUp } from "./heddle-client.ts";

let dataDir: string;
let port: number;
let heddle: HeddleProcess;
let user: HeddleClient;
let model: ModelServer;
let shop: Canary;
let connection: string;

/** Starts it on the same data, and goes on as the same person. */
const startAgain = async (environment: Record<string, string> = {}): Promise<void> => {
  heddle = await startHeddle({ dataDir, port, environment: { HEDDLE_EGRESS_ALLOW: `127.0.0.1:${shop.port}`, ...environment } });
  user = user === undefined ? await signUp(heddle.url) : await clientFor(heddle.url, user.cookie);
};

beforeAll(async () => {
  [dataDir, port, model, shop] = await Promise.all([
    mkdtemp(join(tmpdir(), "heddle-data-")),
    freePort(),
    startOpenAiServer(),
    startCanary(),
  ]);
  await startAgain();
  connection = await user.createCredential("openai", { apiKey: "sk-not-a-real-key", baseUrl: model.url });
});
afterAll(async () => {
  await heddle?.stop();
  await Promise.all([model?.close(), shop?.close()]);
  if (dataDir !== undefined) await rm(dataDir, { recursive: true, force: true });
});

/** An order is placed with a web service, then a model is asked. */
const order = () =>
  chain([
    node("start", "api-trigger"),
    node("place", "http-request", {
      method: "POST",
      url: `http://127.0.0.1:${shop.port}/echo`,
      bodyKind: "json",
      json: { order: "{{ input.order }}" },
    }),
    node("llm", "llm", { connection, model: "scripted", prompt: "{{ input.order }}" }),
    node("reply", "reply", {
      mode: "json",
      json: { said: "{{ llm.output.text }}", key: "{{ place.output.body.headers['idempotency-key'] }}" },
    }),
  ]);

describe("a server that is killed in the middle of a run", () => {
  it("comes up again by itself and finishes the run, without doing again what was done", async () => {
    const { id } = await user.deploy(order());
    model.script({ failure: "hang" });
    const { executionId } = await user.json<ExecutionResult>("POST", `/api/deployments/${id}/execute?async=1`, {
      body: { input: { order: "A-17" } },
    });
    await expect.poll(() => model.requests.length, { timeout: 10_000 }).toBe(1);
    await expect.poll(async () => (await user.trace(executionId)).map(({ key }) => key)).toEqual(["start#", "place#"]);
    process.kill(heddle.pid, "SIGKILL");
    await expect.poll(() => existsSync(`/proc/${heddle.pid}/cwd`)).toBe(false);
    model.script({ text: "It is on its way." });
    await startAgain();
    const execution = await user.ended(executionId);
    expect(execution).toMatchObject({
      status: "COMPLETED",
      output: { said: "It is on its way.", key: expect.stringContaining(executionId) },
      tokensUsed: 16,
    });
    expect(shop.hits.filter(({ url }) => url === "/echo")).toHaveLength(1);
    expect(model.requests).toHaveLength(2);
    const steps = (await user.trace(executionId)).filter(({ key }) => !key.includes("/"));
    expect(steps.map(({ key, status }) => [key, status])).toEqual([
      ["start#", "completed"],
      ["place#", "completed"],
      ["llm#", "completed"],
      ["reply#", "completed"],
    ]);
  });
});

describe("a run that has ended, on a server that is killed before the database has it", () => {
  const greeting = () => chain([node("start", "api-trigger"), node("reply", "reply", { mode: "json", json: "Hello {{ input.name }}" })]);
  const execute = (id: string, name: string) =>
    fetch(`${heddle.url}/api/deployments/${id}/execute`, {
      method: "POST",
      headers: { cookie: user.cookie, "content-type": "application/json" },
      body: JSON.stringify({ input: { name } }),
    }).then(
      async (response) => ((await response.json()) as ExecutionResult).status,
      () => "no answer",
    );
  const restartAt = async (checkpoint?: string): Promise<void> => {
    await heddle.stop();
    await startAgain(checkpoint === undefined ? {} : { HEDDLE_STOP_AT: checkpoint });
  };

  it.each(["outcome-committed", "landed"])("is there after the next start, and counted once: %s", async (checkpoint) => {
    const agent = await user.createAgent(greeting());
    const { id } = await user.json<DeploymentResource>("POST", `/api/agents/${agent.id}/deploy`);
    expect(await execute(id, "Ada")).toBe("COMPLETED");
    await restartAt(checkpoint);
    const answered = await execute(id, "Grace");
    expect(answered).toBe(checkpoint === "landed" ? "COMPLETED" : "no answer");
    expect(await heddle.ended).toBe("SIGKILL");
    await startAgain();
    const executions = await user.all<ExecutionResource>(`/api/agents/${agent.id}/executions`);
    expect(executions.map(({ status, input }) => [status, input])).toEqual([
      ["COMPLETED", { name: "Grace" }],
      ["COMPLETED", { name: "Ada" }],
    ]);
    expect((await user.execution(executions[0]?.id ?? "")).output).toBe("Hello Grace");
    expect(await user.trace(executions[0]?.id ?? "")).toHaveLength(2);
    expect(await user.json("GET", `/api/agents/${agent.id}/metrics`)).toMatchObject({ executions: 2, completed: 2 });
  });

  it("is there, once, whenever the server is killed under load", { timeout: 60_000 }, async () => {
    const { id, agentId } = await user.deploy(greeting());
    const { key } = await user.json<{ key: string }>("POST", `/api/workspaces/${user.workspaceId}/api-keys`, {
      body: { name: "Load", scopes: ["write"] },
    });
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
    const answered: string[] = [];
    const callUntilCut = async (): Promise<void> => {
      for (let index = 0; ; index += 1) {
        const body = JSON.stringify({ input: { name: index } });
        const result = await fetch(`${heddle.url}/api/deployments/${id}/execute`, { method: "POST", headers, body }).then(
          (response) => response.json() as Promise<ExecutionResult>,
          () => undefined,
        );
        if (result === undefined) return;
        answered.push(result.executionId);
      }
    };
    for (const killAfterMs of [150, 700, 333]) {
      const calls = Array.from({ length: 16 }, callUntilCut);
      await new Promise((done) => setTimeout(done, killAfterMs));
      process.kill(heddle.pid, "SIGKILL");
      await Promise.all([heddle.ended, ...calls]);
      await startAgain();
    }
    const stored = await user.all<ExecutionResource>(`/api/agents/${agentId}/executions`);
    expect(answered.length).toBeGreaterThan(100);
    expect(new Set(answered).size).toBe(answered.length);
    const ids = new Set(stored.map((execution) => execution.id));
    expect(answered.filter((executionId) => !ids.has(executionId))).toEqual([]);
    expect(new Set(stored.map(({ status }) => status))).toEqual(new Set(["COMPLETED"]));
    expect(await user.json("GET", `/api/agents/${agentId}/metrics`)).toMatchObject({ executions: stored.length });
  });

  it("is read at once by whoever was answered", async () => {
    const { id } = await user.deploy(greeting());
    for (let index = 0; index < 20; index += 1) {
      const { executionId } = await user.json<ExecutionResult>("POST", `/api/deployments/${id}/execute`, {
        body: { input: { name: index } },
      });
      expect(await user.execution(executionId)).toMatchObject({ status: "COMPLETED", output: `Hello ${index}` });
    }
  });
});

describe("a server that is asked to stop", () => {
  it("lets the runs under way end and answers those who wait for them", async () => {
    const slow = "const end = Date.now() + 1500; while (Date.now() < end); return 'worked';";
    const { id, agentId } = await user.deploy(
      chain([
        node("start", "api-trigger"),
        node("work", "code", { source: slow, input: "{{ input }}" }),
        node("reply", "reply", { mode: "json", json: "{{ work.output.value }}" }),
      ]),
    );
    const run = (query: string) => user.json<ExecutionResult>("POST", `/api/deployments/${id}/execute${query}`, { body: { input: {} } });
    const { executionId } = await run("?async=1");
    const waiting = run("");
    await expect.poll(async () => (await user.all(`/api/agents/${agentId}/executions`)).length).toBe(2);
    const stopped = heddle.stop();
    expect(await waiting).toMatchObject({ status: "COMPLETED", output: "worked" });
    await stopped;
    await expect(fetch(`${heddle.url}/api/health`)).rejects.toThrow();
    await startAgain();
    expect(await user.execution(executionId)).toMatchObject({ status: "COMPLETED", output: "worked" });
  });
});

describe("a second start on the same data", () => {
  it("has every account, agent, version and credential, and takes up where it was", async () => {
    const deployment = await user.deploy(modelAgent({ connection }), "Kept");
    await heddle.stop();
    await startAgain();
    const agents = await user.all<AgentDetail>(`/api/workspaces/${user.workspaceId}/agents`);
    expect(agents.map(({ name }) => name)).toContain("Kept");
    expect(await user.json<DeploymentResource>("GET", `/api/deployments/${deployment.id}`)).toMatchObject({
      version: 1,
      configHash: deployment.configHash,
    });
    model.script({ text: "Still here." });
    expect(await user.json("POST", `/api/deployments/${deployment.id}/execute`, { body: { input: { message: "Hi" } } })).toMatchObject({
      output: "Still here.",
    });
    // The key is unsealed with a secret that outlives the process.
    expect(model.requests.at(-1)?.headers.authorization).toBe("Bearer sk-not-a-real-key");
  });

  it("keeps an API key and the memory of a conversation", async () => {
    const { key } = await user.json<{ key: string }>("POST", `/api/workspaces/${user.workspaceId}/api-keys`, {
      body: { name: "Program", scopes: ["write"] },
    });
    const { id } = await user.deploy(modelAgent({ connection }, { lent: [[node("memory", "conversation"), "llm", "memory"]] }));
    const say = async (message: string) => {
      const response = await fetch(`${heddle.url}/api/deployments/${id}/execute`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
        body: JSON.stringify({ input: { message }, conversationId: "one" }),
      });
      expect(response.status).toBe(200);
    };
    await say("I am Ada.");
    await heddle.stop();
    await startAgain();
    await say("Who am I?");
    expect(JSON.stringify(model.requests.at(-1)?.body)).toContain("I am Ada.");
  });
});

describe("an agent that is deleted while it runs", () => {
  it("stops, and whoever waits for it is told", async () => {
    const agent = await user.createAgent(
      chain([node("start", "api-trigger"), node("work", "code", { source: "while (true);", input: "{{ input }}", timeoutMs: 60_000 })]),
    );
    const { id } = await user.json<DeploymentResource>("POST", `/api/agents/${agent.id}/deploy`);
    const waiting = user.problem("POST", `/api/deployments/${id}/execute`, { body: { input: {} } });
    await expect.poll(async () => (await user.all(`/api/agents/${agent.id}/executions`)).length).toBe(1);
    await user.json("DELETE", `/api/agents/${agent.id}`);
    expect(await waiting).toMatchObject({ status: 409, code: "run_cancelled" });
    expect(await user.problem("POST", `/api/deployments/${id}/execute`, { body: { input: {} } })).toMatchObject({ status: 404 });
  });
});

describe("a second process on the same data", () => {
  it("is told in a sentence who uses it, and the first goes on", async () => {
    const second = await startHeddle({ dataDir }).catch((error: Error) => error.message);
    expect(second).toMatch(/HEDDLE_DATA_DIR: Process \d+ already uses the database/);
    expect(second).not.toMatch(/^\s+at /m);
    expect((await fetch(`${heddle.url}/api/ready`)).status).toBe(200);
  });
});

describe("two people", () => {
  it("see nothing of each other's work, whatever ids they know", async () => {
    const agent = await user.createAgent(modelAgent({ connection }), "Mine alone");
    const deployment = await user.json<DeploymentResource>("POST", `/api/agents/${agent.id}/deploy`);
    const { executionId } = await user.json<ExecutionResult>("POST", `/api/deployments/${deployment.id}/execute`, {
      body: { input: { message: "secret" } },
    });
    const stranger = await signUp(heddle.url);
    const paths = [
      `/api/agents/${agent.id}`,
      `/api/deployments/${deployment.id}`,
      `/api/executions/${executionId}`,
      `/api/executions/${executionId}/trace`,
      `/api/workspaces/${user.workspaceId}/agents`,
      `/api/workspaces/${user.workspaceId}/executions`,
      `/api/workspaces/${user.workspaceId}/credentials`,
    ];
    for (const path of paths) expect(await stranger.problem("GET", path)).toMatchObject({ status: 404, code: "not_found" });
    expect(await stranger.problem("POST", `/api/deployments/${deployment.id}/execute`, { body: { input: {} } })).toMatchObject({
      status: 404,
    });
    expect(await stranger.problem("POST", `/api/agents/${agent.id}/deploy`)).toMatchObject({ status: 404 });
    for (const list of ["agents", "executions", "credentials", "deployments", "datasets"]) {
      expect(await stranger.all(`/api/workspaces/${stranger.workspaceId}/${list}`)).toEqual([]);
    }
    // A credential that is another's is none for their agents either.
    const borrowed = await stranger.createAgent(modelAgent({ connection }));
    expect(await stranger.problem("POST", `/api/agents/${borrowed.id}/deploy`)).toMatchObject({
      code: "document_invalid",
      problems: [{ code: "missing_resource", nodeId: "llm" }],
    });
    expect(await stranger.problem("POST", `/api/agents/${borrowed.id}/test`, { body: { input: { message: "Hi" } } })).toMatchObject({
      code: "provider_not_connected",
    });
  });
});
