import { uuidv7 } from "@heddle/db";
import { createJournal } from "@heddle/db/journal";
import { agentDocument, type AgentDocument, type ExecutionResource } from "@heddle/schema";
import { createTestPlatform, type TestPlatform } from "@heddle/testing/test-platform";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createErrorHandlers } from "./error-handlers.ts";
import { startExecutionOutbox, type EndedExecution } from "./execution-outbox.ts";

let test: TestPlatform;
beforeAll(async () => {
  test = await createTestPlatform();
});
afterAll(() => test.close());

/** Fails on whatever it is sent. */
const failing = agentDocument.parse({
  nodes: [
    { id: "start", type: "api-trigger", name: "Call" },
    { id: "code", type: "code", name: "Fail", params: { language: "javascript", source: "throw new Error('no stock of ' + input.item)" } },
  ],
  edges: [{ id: "e", source: { node: "start" }, target: { node: "code" } }],
});
const handling = (agentIds: string[] = [], then: AgentDocument["nodes"] = []): AgentDocument =>
  agentDocument.parse({
    nodes: [
      { id: "failed", type: "error-trigger", name: "Failed run", params: { agentIds } },
      { id: "note", type: "reply", name: "Note", params: { mode: "text", text: "{{ input.agent.name }}: {{ input.error.code }} for {{ input.input.item }}" } },
      ...then,
    ],
    edges: [{ id: "e", source: { node: "failed" }, target: { node: then[0]?.id ?? "note" } }, ...(then[0] ? [{ id: "e2", source: { node: then[0].id }, target: { node: "note" } }] : [])],
  }); // prettier-ignore

async function deploy(config: AgentDocument, name = `Agent ${uuidv7()}`): Promise<{ agentId: string; id: string }> {
  const { platform, alice } = test;
  const agent = await platform.agents.create(alice.actor, alice.workspaceId, { name, config });
  return { agentId: agent.id, id: (await platform.deployments.deploy(alice.actor, agent.id)).id };
}
async function fail(deploymentId: string): Promise<string> {
  const { executionId, finished } = await test.platform.runs.executeDeployment(test.alice.actor, deploymentId, { input: { item: "tea" } });
  expect((await finished).status).toBe("failed");
  return executionId;
}
const runsOf = async (agentId: string): Promise<ExecutionResource[]> =>
  (await test.platform.executions.listOfAgent(test.alice.actor, agentId, { limit: 50 })).items;
const ended = (runs: ExecutionResource[]) => runs.filter((run) => run.status === "COMPLETED" || run.status === "FAILED").length;
const outboxIsEmpty = async () =>
  await test.database.asOwner(async (client) => (await client.query("SELECT FROM execution_outbox")).rowCount === 0);

describe("an agent that handles failures", () => {
  it("is started once for each failed run, and told of it", async () => {
    const [shop, handler] = [await deploy(failing, "Shop"), await deploy(handling())];
    const executionId = await fail(shop.id);
    await expect.poll(async () => ended(await runsOf(handler.agentId)), { timeout: 10_000 }).toBe(1);
    const [run] = await runsOf(handler.agentId);
    expect(run).toMatchObject({
      trigger: "error",
      status: "COMPLETED",
      output: "Shop: code_failed for tea",
      input: { executionId, agent: { id: shop.agentId } },
    });
    await expect.poll(outboxIsEmpty).toBe(true);
    expect(await runsOf(handler.agentId)).toHaveLength(1);
    await test.platform.agents.delete(test.alice.actor, handler.agentId);
  });

  it("handles the failures of the agents that it names, and no others", async () => {
    const [named, other] = [await deploy(failing), await deploy(failing)];
    const handler = await deploy(handling([named.agentId]));
    await fail(other.id);
    await fail(named.id);
    await expect.poll(async () => ended(await runsOf(handler.agentId)), { timeout: 10_000 }).toBe(1);
    await expect.poll(outboxIsEmpty).toBe(true);
    expect((await runsOf(handler.agentId)).map((run) => run.input)).toMatchObject([{ agent: { id: named.agentId } }]);
    await test.platform.agents.delete(test.alice.actor, handler.agentId);
  });

  it("starts nobody when it fails itself, whoever else handles failures", async () => {
    const broken = failing.nodes.filter((node) => node.id === "code");
    const shop = await deploy(failing);
    const [one, two] = [await deploy(handling([], broken)), await deploy(handling([], broken))];
    await fail(shop.id);
    await expect
      .poll(async () => [ended(await runsOf(one.agentId)), ended(await runsOf(two.agentId))], { timeout: 10_000 })
      .toEqual([1, 1]);
    await expect.poll(outboxIsEmpty).toBe(true);
    expect([...(await runsOf(one.agentId)), ...(await runsOf(two.agentId))].map((run) => run.status)).toEqual(["FAILED", "FAILED"]);
    for (const { agentId } of [one, two]) await test.platform.agents.delete(test.alice.actor, agentId);
  });

  it("hears nothing of tests, of runs that end well, or while it is switched off", async () => {
    const { platform, alice } = test;
    const [shop, handler] = [await deploy(failing), await deploy(handling())];
    await (
      await platform.runs.testAgent(alice.actor, shop.agentId, { input: {} })
    ).finished;
    await platform.deployments.setStatus(alice.actor, handler.id, "INACTIVE");
    await fail(shop.id);
    await expect.poll(outboxIsEmpty).toBe(true);
    expect(await runsOf(handler.agentId)).toEqual([]);
    await platform.agents.delete(alice.actor, handler.agentId);
  });
});

describe("what nobody waits for", () => {
  it("is never written to the outbox", async () => {
    const { alice, database } = test;
    const { agentId, id } = await deploy(failing);
    const written: unknown[] = [];
    const journal = createJournal({ pool: database.db.pools.journal, outbox: { wants: () => false, onWritten: () => written.push(1) } });
    const run = journal.begin({
      id: uuidv7(),
      workspaceId: alice.workspaceId,
      agentId,
      deploymentId: id,
      version: 1,
      trigger: "api",
      input: {},
      startedAt: new Date(),
    });
    await run.finish({ status: "completed", output: null, usage: { inputTokens: 0, outputTokens: 0 }, steps: 0, durationMs: 1 });
    journal.close();
    expect(written).toEqual([]);
    expect(await outboxIsEmpty()).toBe(true);
  });
});

describe("an event that was told", () => {
  it("is handed on after a crash, and starts nothing twice", async () => {
    const { alice, database, platform } = test;
    const shop = await deploy(failing);
    const handler = await deploy(handling([shop.agentId]));
    const enqueued: string[] = [];
    const journal = createJournal({ pool: database.db.pools.journal });
    const handlers = createErrorHandlers({
      enqueue: async (execution) => {
        enqueued.push(execution.id);
        await journal.enqueue({ ...execution, availableAt: new Date(Date.now() + 3_600_000) });
      },
    });
    const failed: EndedExecution = {
      event: "execution.failed", at: new Date(), id: uuidv7(), workspaceId: alice.workspaceId, agentId: shop.agentId, deploymentId: shop.id,
      version: 1, trigger: "api", input: {}, output: null, error: null, tokensUsed: 0, costUsd: null, latency: 1, attempts: 1,
      startedAt: new Date(),
    }; // prettier-ignore
    // Between the start of the handler's run and the commit that says so.
    const crashed = database.db.withWorkspace(alice.workspaceId, async (client) => {
      await handlers.consume(client, failed);
      throw new Error("killed");
    });
    await expect(crashed).rejects.toThrow("killed");
    await database.db.withWorkspace(alice.workspaceId, (client) => handlers.consume(client, failed));
    journal.close();
    expect(enqueued).toHaveLength(1);
    await platform.agents.delete(alice.actor, handler.agentId);
  });

  it("is tried again where a consumer fails, and undone as a whole until then", async () => {
    const { alice, database } = test;
    const { agentId, id } = await deploy(failing);
    const executionId = uuidv7();
    const faults: unknown[] = [];
    const heard: string[] = [];
    let attempts = 0;
    await test.platform.close(0);
    const outbox = startExecutionOutbox({
      db: database.db,
      pollEveryMs: 50,
      onFault: (fault) => faults.push(fault),
      consumers: [
        { name: "writes", consume: async (client, { id: told }) => void (told === executionId && (await client.query("INSERT INTO memory_entries (workspace_id, scope, owner, key, value) VALUES ($1, 'workspace', '', $2, '1')", [alice.workspaceId, told]))) }, // prettier-ignore
        { name: "fails once", consume: async (_client, { id: told }) => { if (told === executionId && ++attempts === 1) throw new Error("not yet"); heard.push(told); } }, // prettier-ignore
      ],
    });
    const journal = createJournal({ pool: database.db.pools.journal, outbox: { wants: () => true, onWritten: () => outbox.wake() } });
    const run = journal.begin({
      id: executionId,
      workspaceId: alice.workspaceId,
      agentId,
      deploymentId: id,
      version: 1,
      trigger: "api",
      input: {},
      startedAt: new Date(),
    });
    await run.accepted();
    await run.finish({
      status: "failed",
      error: { code: "internal", message: "x" } as never,
      usage: { inputTokens: 0, outputTokens: 0 },
      steps: 0,
      durationMs: 1,
    });
    await expect.poll(() => heard.includes(executionId), { timeout: 10_000 }).toBe(true);
    expect([attempts, faults.length]).toEqual([2, 1]);
    await expect.poll(outboxIsEmpty).toBe(true);
    journal.close();
    await outbox.stop();
  });
});
