import { agentDocument, type AgentDocument, type ExecutionStatus, type Json } from "@heddle/schema";
import { createTestPlatform, type TestPlatform } from "@heddle/testing/test-platform";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

let test: TestPlatform;
beforeAll(async () => {
  test = await createTestPlatform();
});
afterAll(() => test.close());

function waiting(params: Record<string, Json>, ports: string[]): AgentDocument {
  return agentDocument.parse({
    nodes: [
      { id: "start", type: "api-trigger", name: "Call" },
      { id: "ask", type: "wait", name: "Ask", params },
      ...ports.map((port) => ({
        id: `end_${port}`,
        type: "reply",
        name: port,
        params: { mode: "json", json: { port, got: "{{ ask.output }}" } },
      })),
    ],
    edges: [
      { id: "e", source: { node: "start" }, target: { node: "ask" } },
      ...ports.map((port) => ({ id: port, source: { node: "ask", port }, target: { node: `end_${port}` } })),
    ],
  });
}
const form = { type: "object", properties: { reason: { type: "string" } }, required: ["reason"] };
const approval = waiting({ kind: "approval", title: "Refund {{ input.amount }} €?", form }, ["approved", "rejected"]);

async function start(config: AgentDocument, input: Json = {}): Promise<string> {
  const { platform, alice } = test;
  const agent = await platform.agents.create(alice.actor, alice.workspaceId, { name: "Waits", config });
  const { id } = await platform.deployments.deploy(alice.actor, agent.id);
  const { executionId, finished } = await platform.runs.executeDeployment(alice.actor, id, { input });
  expect(await finished).toMatchObject({ status: "waiting" });
  return executionId;
}
const ended = async (id: string) => {
  await expect
    .poll(async (): Promise<ExecutionStatus> => (await test.platform.executions.byId(test.alice.actor, id)).status)
    .toBe("COMPLETED");
  return (await test.platform.executions.byId(test.alice.actor, id)).output;
};

describe("an approval", () => {
  it("is listed with what is asked, and the run goes on by what is decided, with the form's values", async () => {
    const { platform, alice } = test;
    const id = await start(approval, { amount: 30 });
    expect((await platform.executions.byId(alice.actor, id)).status).toBe("WAITING");
    const { items } = await platform.waits.approvals(alice.actor, { workspaceId: alice.workspaceId });
    const wait = items.find(({ executionId }) => executionId === id);
    expect(wait).toMatchObject({
      key: "ask#",
      nodeId: "ask",
      kind: "approval",
      title: "Refund 30 €?",
      form,
      agentName: "Waits",
      dueAt: null,
    });

    await expect(platform.waits.decide(alice.actor, id, { key: "ask#", decision: "approve", values: {} })).rejects.toMatchObject({
      code: "input_invalid",
    });
    await platform.waits.decide(alice.actor, id, { key: "ask#", decision: "approve", values: { reason: "broken" } });
    expect(await ended(id)).toMatchObject({
      port: "approved",
      got: { isApproved: true, values: { reason: "broken" }, by: alice.actor.email },
    });
  });

  it("is decided once, and by who may", async () => {
    const { platform, alice, bob } = test;
    const id = await start(approval, { amount: 1 });
    await expect(platform.waits.decide(bob.actor, id, { key: "ask#", decision: "reject", values: {} })).rejects.toMatchObject({
      code: "not_found",
    });
    const decisions = await Promise.allSettled(
      Array.from({ length: 8 }, () => platform.waits.decide(alice.actor, id, { key: "ask#", decision: "reject", values: {} })),
    );
    expect(decisions.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(decisions.find(({ status }) => status === "rejected")).toMatchObject({ reason: { code: "conflict" } });
    expect(await ended(id)).toMatchObject({ port: "rejected" });
    await expect(platform.waits.decide(alice.actor, id, { key: "ask#", decision: "reject", values: {} })).rejects.toMatchObject({
      code: "conflict",
    });
  });

  it("counts as its node says when nobody decides in time", async () => {
    const id = await start(
      waiting({ kind: "approval", title: "Now?", deadline: 6, deadlineUnit: "seconds", onDeadline: "approve" }, ["approved", "rejected"]),
    );
    await test.database.asOwner((client) => client.query("UPDATE executions SET lease_expires_at = now() WHERE id = $1", [id]));
    // Woken early, it sees that it is too early and goes on waiting until its deadline.
    await expect
      .poll(async () => (await test.platform.executions.byId(test.alice.actor, id)).status, { timeout: 20_000 })
      .toBe("COMPLETED");
    expect((await test.platform.executions.byId(test.alice.actor, id)).output).toMatchObject({ port: "approved", got: { isLate: true } });
  }, 30_000);

  it("is decided while other branches go on, which then need not wait for it", async () => {
    const { platform, alice } = test;
    const id = await startParallel();
    await expect.poll(async () => (await platform.waits.ofExecution(alice.actor, id)).items.length).toBe(1);
    await platform.waits.decide(alice.actor, id, { key: "ask#", decision: "approve", values: {} });
    await expect.poll(async () => (await platform.executions.trace(alice.actor, id)).steps.map(({ nodeId }) => nodeId)).toContain("after");
    expect((await platform.executions.byId(alice.actor, id)).status).toBe("RUNNING");
    await platform.executions.cancel(alice.actor, id);
  });
});

async function startParallel(): Promise<string> {
  const { platform, alice } = test;
  const config = agentDocument.parse({
    nodes: [
      { id: "start", type: "api-trigger", name: "Call" },
      { id: "ask", type: "wait", name: "Ask", params: { kind: "approval", title: "Go on?" } },
      { id: "after", type: "format", name: "After", params: { mode: "text", text: "{{ ask.output.isApproved }}" } },
      { id: "busy", type: "code", name: "Busy", params: { source: "while (true) {}", timeoutMs: 60_000 } },
    ],
    edges: [
      { id: "1", source: { node: "start" }, target: { node: "ask" } },
      { id: "2", source: { node: "ask", port: "approved" }, target: { node: "after" } },
      { id: "3", source: { node: "start" }, target: { node: "busy" } },
    ],
  });
  const agent = await platform.agents.create(alice.actor, alice.workspaceId, { name: "Both", config });
  const { id } = await platform.deployments.deploy(alice.actor, agent.id);
  const { executionId, finished } = await platform.runs.executeDeployment(alice.actor, id, { input: {} });
  finished.catch(() => undefined);
  return executionId;
}

describe("a wait for a request", () => {
  it("ends by its own address, once, with the body", async () => {
    const { platform, alice } = test;
    const [first, second] = [
      await start(waiting({ kind: "webhook" }, ["received"])),
      await start(waiting({ kind: "webhook" }, ["received"])),
    ];
    const tokenOf = async (id: string) => (await platform.waits.ofExecution(alice.actor, id)).items[0]?.url?.split("/").at(-1) ?? "";
    const token = await tokenOf(first);
    for (const wrong of ["", "x".repeat(43), await tokenOf(second)]) {
      await expect(platform.waits.receive(first, wrong, {})).rejects.toMatchObject({ code: "not_found" });
    }
    await platform.waits.receive(first, token, { paid: true });
    await expect(platform.waits.receive(first, token, { paid: false })).rejects.toMatchObject({ code: "not_found" });
    expect(await ended(first)).toMatchObject({ port: "received", got: { body: { paid: true } } });
    await platform.waits.receive(second, await tokenOf(second), "text");
    expect(await ended(second)).toMatchObject({ got: { body: "text" } });
  });
});

describe("an agent inside an agent", () => {
  it("runs in its deployed version, and may wait itself", async () => {
    const { platform, alice } = test;
    const inner = await platform.agents.create(alice.actor, alice.workspaceId, { name: "Inner", config: approval });
    await platform.deployments.deploy(alice.actor, inner.id);
    const outer = agentDocument.parse({
      nodes: [
        { id: "start", type: "api-trigger", name: "Call" },
        { id: "sub", type: "sub-agent", name: "Inner", params: { agentId: inner.id, input: { amount: "{{ input.amount }}" } } },
        { id: "end", type: "reply", name: "Reply", params: { mode: "json", json: { inner: "{{ sub.output }}" } } },
      ],
      edges: [
        { id: "1", source: { node: "start" }, target: { node: "sub" } },
        { id: "2", source: { node: "sub" }, target: { node: "end" } },
      ],
    });
    const id = await start(outer, { amount: 7 });
    const [wait] = (await platform.waits.ofExecution(alice.actor, id)).items;
    expect(wait).toMatchObject({ key: "sub#/agent/ask#", title: "Refund 7 €?" });
    await platform.waits.decide(alice.actor, id, { key: "sub#/agent/ask#", decision: "reject", values: {} });
    expect(await ended(id)).toMatchObject({ inner: { port: "rejected" } });
  });
});
