import { uuidv7 } from "@heddle/db";
import type { AgentDocument, Json, WebhookEvent } from "@heddle/schema";
import { startWebhookReceiver, type WebhookReceiver } from "@heddle/testing/servers/webhook-receiver";
import { createTestPlatform, type TestPlatform } from "@heddle/testing/test-platform";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";

let test: TestPlatform;
let receiver: WebhookReceiver;
beforeAll(async () => {
  test = await createTestPlatform();
});
afterAll(() => test.close());
beforeEach(async () => {
  receiver = await startWebhookReceiver();
});
afterEach(() => receiver.close());

/** Call, then one node. */
const document = (node: object) =>
  ({
    schemaVersion: 1,
    nodes: [
      { id: "start", type: "api-trigger", name: "Call" },
      { id: "answer", name: "Answer", ...node },
    ],
    edges: [{ id: "e1", source: { node: "start", port: "out" }, target: { node: "answer", port: "in" } }],
  }) as unknown as AgentDocument;
const GREETING = { type: "reply", params: { mode: "text", text: "Hello {{ input.name }}" } };
const FAILING = { type: "code", params: { language: "javascript", source: 'throw new Error("No such order.");' } };

const subscribe = (events: WebhookEvent[]) => {
  const { actor, workspaceId } = test.alice;
  return test.platform.webhooks.create(actor, { workspaceId, url: receiver.url, events });
};
const deploy = async (node: object) => {
  const { actor, workspaceId } = test.alice;
  const agent = await test.platform.agents.create(actor, workspaceId, { name: `Greeter ${uuidv7()}`, config: document(node) });
  return { agent, deployment: await test.platform.deployments.deploy(actor, agent.id) };
};
const messages = () => receiver.received.map(({ body }) => JSON.parse(body) as { type: string; data: Record<string, Json> });

it("tells how a deployed agent's runs end, and nothing of drafts", async () => {
  await subscribe(["execution.completed", "execution.failed"]);
  const { actor } = test.alice;
  const { agent, deployment } = await deploy(GREETING);
  const failing = await deploy(FAILING);
  await (
    await test.platform.runs.testAgent(actor, agent.id, { input: { name: "Draft" } })
  ).finished;
  const good = await test.platform.runs.executeDeployment(actor, deployment.id, { input: { name: "Ada" } });
  const bad = await test.platform.runs.executeDeployment(actor, failing.deployment.id, { input: {} });
  await Promise.all([good.finished, bad.finished]);
  await expect.poll(() => messages().length, { timeout: 10_000 }).toBe(2);
  const byType = Object.fromEntries(messages().map((message) => [message.type, message.data]));
  expect(byType["execution.completed"]).toMatchObject({
    executionId: good.executionId, agentId: agent.id, agentName: agent.name, error: null,
  }); // prettier-ignore
  expect(JSON.stringify(byType["execution.completed"]?.["output"])).toContain("Hello Ada");
  expect(byType["execution.failed"]).toMatchObject({ executionId: bad.executionId, output: null, error: { code: "code_failed" } });
});

it("tells that a run waits, and that one was given up", async () => {
  const { workspaceId } = test.alice;
  await subscribe(["execution.waiting", "execution.dead_lettered"]);
  const { agent, deployment } = await deploy(GREETING);
  const [waiting, dead] = [uuidv7(), uuidv7()];
  await test.database.asOwner(async (client) => {
    for (const id of [waiting, dead])
      await client.query(
        `INSERT INTO executions (id, workspace_id, agent_id, deployment_id, version, trigger, input, status, claimed_at)
         VALUES ($1, $2, $3, $4, 1, 'api', '{}', 'RUNNING', now())`,
        [id, workspaceId, agent.id, deployment.id],
      );
    await client.query("UPDATE executions SET status = 'WAITING' WHERE workspace_id = $1 AND id = $2", [workspaceId, waiting]);
    // As the journal does it: the outcome and its news in one commit.
    await client.query("BEGIN");
    await client.query(
      `UPDATE executions SET status = 'FAILED', error = '{"code":"http_failed","message":"No answer"}' WHERE workspace_id = $1 AND id = $2`,
      [workspaceId, dead],
    );
    await client.query("INSERT INTO execution_outbox (workspace_id, execution_id, event) VALUES ($1, $2, 'execution.failed')", [
      workspaceId,
      dead,
    ]);
    await client.query("COMMIT");
  });
  await expect.poll(() => messages().length, { timeout: 10_000 }).toBe(2);
  expect(Object.fromEntries(messages().map(({ type, data }) => [type, data["executionId"]]))).toEqual({
    "execution.waiting": waiting,
    "execution.dead_lettered": dead,
  });
});
