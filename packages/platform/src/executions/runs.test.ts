import { uuidv7 } from "@heddle/db";
import { createJournal } from "@heddle/db/journal";
import { agentDocument, type AgentDocument, type RunEvent } from "@heddle/schema";
import { createTestPlatform, type TestPlatform } from "@heddle/testing/test-platform";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EventSink } from "../events/run-subscription.ts";

let test: TestPlatform;
beforeAll(async () => {
  test = await createTestPlatform();
});
afterAll(() => test.close());

const greeting = agentDocument.parse({
  nodes: [
    { id: "start", type: "api-trigger", name: "Call" },
    { id: "hello", type: "format", name: "Greet", params: { mode: "text", text: "Hello {{ input.name }}" } },
    { id: "answer", type: "reply", name: "Reply", params: { mode: "text", text: "{{ hello.output }}" } },
  ],
  edges: [
    { id: "e1", source: { node: "start" }, target: { node: "hello" } },
    { id: "e2", source: { node: "hello" }, target: { node: "answer" } },
  ],
});
/** Waits inside a node for as long as it is let. */
const endless = agentDocument.parse({
  nodes: [
    { id: "start", type: "api-trigger", name: "Call" },
    { id: "loop", type: "code", name: "Loop", params: { language: "javascript", source: "while (true) {}", timeoutMs: 60_000 } },
  ],
  edges: [{ id: "e1", source: { node: "start" }, target: { node: "loop" } }],
});

async function deploy(config: AgentDocument): Promise<string> {
  const { platform, alice } = test;
  const agent = await platform.agents.create(alice.actor, alice.workspaceId, { name: `Agent ${uuidv7()}`, config });
  return (await platform.deployments.deploy(alice.actor, agent.id)).id;
}

/** Takes every event. */
const listenWith = (hear: (event: RunEvent) => void): EventSink => ({
  tell: ({ event }) => {
    hear(event);
    return true;
  },
  ready: async () => {},
  end: () => {},
});

describe("runs", () => {
  it("are journaled from acceptance to outcome", async () => {
    const { platform, alice } = test;
    const deploymentId = await deploy(greeting);
    const run = await platform.runs.executeDeployment(alice.actor, deploymentId, { input: { name: "Ada" } });
    expect(await run.finished).toMatchObject({ status: "completed", output: "Hello Ada" });

    const execution = await platform.executions.byId(alice.actor, run.executionId);
    expect(execution).toMatchObject({ status: "COMPLETED", output: "Hello Ada", trigger: "api", deploymentId });
    const trace = await platform.executions.trace(alice.actor, run.executionId);
    expect(trace.steps.map((step) => [step.nodeName, step.status])).toEqual([
      ["Call", "completed"],
      ["Greet", "completed"],
      ["Reply", "completed"],
    ]);
  });

  it("take {{ }} in what people send for text", async () => {
    const { platform, alice } = test;
    const run = await platform.runs.executeDeployment(alice.actor, await deploy(greeting), { input: { name: "{{ 7 * 7 }}" } });
    expect(await run.finished).toMatchObject({ output: "Hello {{ 7 * 7 }}" });
  });

  it("obey a cancel though a node does not listen", async () => {
    const { platform, alice } = test;
    const run = await platform.runs.executeDeployment(alice.actor, await deploy(endless), { input: {} });
    await expect.poll(() => platform.executions.byId(alice.actor, run.executionId).catch(() => undefined)).toBeDefined();
    await platform.executions.cancel(alice.actor, run.executionId);
    expect(await run.finished).toMatchObject({ status: "cancelled" });
    expect(await platform.executions.byId(alice.actor, run.executionId)).toMatchObject({
      status: "CANCELLED",
      error: { code: "run_cancelled" },
    });
    await expect(platform.executions.cancel(alice.actor, run.executionId)).rejects.toMatchObject({ code: "conflict" });
  });

  it("tell those who watch of the end once it is committed", async () => {
    const { platform, alice } = test;
    const run = await platform.runs.executeDeployment(alice.actor, await deploy(greeting), { input: { name: "Ada" }, isWatched: true });
    const seen: string[] = [];
    const statusAtEnd = new Promise<string>((resolve) => {
      const sink = listenWith((event) => {
        seen.push(event.type);
        if (event.type === "run.finished")
          resolve(platform.executions.byId(alice.actor, run.executionId).then((execution) => execution.status));
      });
      platform.executionEvents.watchRun(run, sink);
    });
    expect(await statusAtEnd).toBe("COMPLETED");
    expect(seen[0]).toBe("run.started");
  });

  it("tell who begins to watch in the middle what they have done and how they end", async () => {
    const { platform, alice } = test;
    const run = await platform.runs.executeDeployment(alice.actor, await deploy(endless), { input: {} });
    const heard: string[] = [];
    // A run that nobody watches need not be on disk yet.
    await expect.poll(() => platform.executions.byId(alice.actor, run.executionId).catch(() => undefined)).toBeDefined();
    await platform.executions.watch(alice.actor, run.executionId, { sink: listenWith((event) => heard.push(event.type)) });
    await expect.poll(() => heard).toEqual(["run.started", "step.completed"]);
    await platform.executions.cancel(alice.actor, run.executionId);
    await expect.poll(() => heard, { timeout: 5_000 }).toEqual(["run.started", "step.completed", "run.finished"]);
  });

  it("use pinned outputs in tests of the draft and never when deployed", async () => {
    const { platform, alice } = test;
    const pinned: AgentDocument = {
      ...greeting,
      nodes: greeting.nodes.map((node) => (node.id === "hello" ? { ...node, pinnedOutput: "Pinned" } : node)),
    };
    const agent = await platform.agents.create(alice.actor, alice.workspaceId, { name: "Pinned", config: pinned });
    const tested = await platform.runs.testAgent(alice.actor, agent.id, { input: { name: "Ada" } });
    expect(await tested.finished).toMatchObject({ output: "Pinned" });
    const { id } = await platform.deployments.deploy(alice.actor, agent.id);
    const deployed = await platform.runs.executeDeployment(alice.actor, id, { input: { name: "Ada" } });
    expect(await deployed.finished).toMatchObject({ output: "Hello Ada" });
  });
});

describe("an idempotency key", () => {
  it("leads many requests at once to one run", async () => {
    const { platform, alice } = test;
    const deploymentId = await deploy(greeting);
    const runs = await Promise.all(
      Array.from({ length: 50 }, () =>
        platform.runs.executeDeployment(alice.actor, deploymentId, { input: { name: "Ada" }, idempotencyKey: "order-1" }),
      ),
    );
    expect(new Set(runs.map((run) => run.executionId)).size).toBe(1);
    for (const run of runs) expect(await run.finished).toMatchObject({ status: "completed", output: "Hello Ada" });
  });

  it("is refused with another request, and means nothing elsewhere", async () => {
    const { platform, alice } = test;
    const deploymentId = await deploy(greeting);
    await platform.runs.executeDeployment(alice.actor, deploymentId, { input: { name: "Ada" }, idempotencyKey: "order-2" });
    const again = platform.runs.executeDeployment(alice.actor, deploymentId, { input: { name: "Bob" }, idempotencyKey: "order-2" });
    await expect(again).rejects.toMatchObject({ code: "idempotency_mismatch" });
    const elsewhere = await platform.runs.executeDeployment(alice.actor, await deploy(greeting), {
      input: { name: "Bob" },
      idempotencyKey: "order-2",
    });
    expect(await elsewhere.finished).toMatchObject({ output: "Hello Bob" });
  });
});

describe("runs whose process died", () => {
  it("are all taken up at once where no other process can be alive, however many there are", async () => {
    const { platform, alice, database } = test;
    const deploymentId = await deploy(greeting);
    const { agentId } = await platform.deployments.byId(alice.actor, deploymentId);
    // Its leases have long to run.
    const other = createJournal({ pool: database.db.pools.journal, leaseMs: 3_600_000, renewEveryMs: 3_600_000 });
    await Promise.all(
      Array.from({ length: 50 }, () =>
        other.accept({
          id: uuidv7(),
          workspaceId: alice.workspaceId,
          agentId,
          deploymentId,
          version: 1,
          trigger: "api",
          input: { name: "Ada" },
          startedAt: new Date(),
        }),
      ),
    );
    other.close();
    const rescuer = await createTestPlatform({ db: database.db, isDatabaseOurs: true });
    const statuses = async () => {
      const { items } = await platform.executions.listOfAgent(alice.actor, agentId, { limit: 100 });
      return items.map((execution) => execution.status);
    };
    await expect.poll(statuses, { timeout: 10_000 }).toEqual(Array.from({ length: 50 }, () => "COMPLETED"));
    await rescuer.close();
  });
});

describe("a run whose process died", () => {
  it("is taken up at its last step and not run again from its start", async () => {
    const { platform, alice, database } = test;
    const deploymentId = await deploy(greeting);
    const deployment = await platform.deployments.byId(alice.actor, deploymentId);
    // Another process accepts the run, records two steps and is gone.
    const other = createJournal({ pool: database.db.pools.journal, leaseMs: 1, renewEveryMs: 3_600_000 });
    const executionId = uuidv7();
    const abandoned = await other.accept({
      id: executionId,
      workspaceId: alice.workspaceId,
      agentId: deployment.agentId,
      deploymentId,
      version: 1,
      trigger: "api",
      input: { name: "Ada" },
      startedAt: new Date(),
    });
    const step = { startedAt: Date.now(), durationMs: 1, attempts: 1, status: "completed" as const, ports: ["out"] };
    abandoned.append({ ...step, key: "start#", nodeId: "start", output: { name: "Ada" } });
    abandoned.append({ ...step, key: "hello#", nodeId: "hello", output: "Recorded earlier" });
    await abandoned.flush();
    other.close();

    // Starting a platform sweeps at once.
    const rescuer = await createTestPlatform({ db: database.db });
    await expect
      .poll(() => platform.executions.byId(alice.actor, executionId).then((execution) => execution.status), { timeout: 10_000 })
      .toBe("COMPLETED");
    expect((await platform.executions.byId(alice.actor, executionId)).output).toBe("Recorded earlier");
    await rescuer.close();
  });
});
