import { randomBytes } from "node:crypto";
import type { Mail } from "@heddle/platform/accounts/mailer";
import { makeSamples, type Samples } from "@heddle/testing/route-samples";
import { createTestApi, type RegisteredPerson, type TestApi } from "@heddle/testing/test-api";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

let test: TestApi;
let owner: RegisteredPerson;
let samples: Samples;
const mails: Mail[] = [];

beforeAll(async () => {
  const mailer = { send: async (mail: Mail) => void mails.push(mail) };
  test = await createTestApi({ signIn: { secret: randomBytes(32).toString("base64url"), mailer } });
});
afterAll(() => test.close());
beforeEach(async () => {
  owner = await test.register("Ada");
  samples = await makeSamples(test, owner);
  mails.length = 0;
});

const limitsPath = () => `/api/workspaces/${owner.workspaceId}/limits`;
const choose = async (body: unknown) => await test.call("PUT", limitsPath(), { as: owner.as, body });
const execute = async (query = "", deployment = samples.deployment) =>
  await test.call("POST", `/api/deployments/${deployment}/execute${query}`, { as: owner.as, body: { input: { name: "Ada" } } });
const usage = async () => {
  const response = await test.call("GET", `/api/workspaces/${owner.workspaceId}/usage`, { as: owner.as });
  return (await response.json()) as {
    month: string;
    metrics: { metric: string; used: number; cap: number | null; percent: number | null }[];
  };
};

const start = { id: "start", type: "api-trigger", name: "Call" };
const answer = { id: "answer", type: "reply", name: "Reply", params: { mode: "text", text: "done" } };
/** Takes a moment. */
const slow = {
  id: "slow",
  type: "code",
  name: "Think",
  params: { source: "const end = Date.now() + 400; while (Date.now() < end) {} return 1;" },
};

/** Deploys an agent that runs these nodes one after another. */
async function deploy(nodes: { id: string }[], settings: object = {}): Promise<{ agent: string; deployment: string }> {
  const edges = nodes.slice(1).map(({ id }, index) => ({ id: `e${index}`, source: { node: nodes[index]?.id }, target: { node: id } }));
  const body = { name: "Limited", config: { nodes, edges, settings } };
  const made = await test.call("POST", `/api/workspaces/${owner.workspaceId}/agents`, { as: owner.as, body });
  const { id: agent } = (await made.json()) as { id: string };
  const deployed = await test.call("POST", `/api/agents/${agent}/deploy`, { as: owner.as, body: {} });
  expect(deployed.status).toBe(201);
  return { agent, deployment: ((await deployed.json()) as { id: string }).id };
}

describe("a month's cap", () => {
  it("lets as many runs in as it says, then refuses calls and the queue alike until it is raised", async () => {
    const before = (await usage()).metrics[0]?.used ?? 0;
    expect(await (await choose({ month: { executions: before + 3 } })).json()).toMatchObject({
      plan: { name: "self-hosted" },
      holding: { month: { executions: before + 3, tokens: null } },
    });
    const statuses = [];
    for (let index = 0; index < 3; index++) statuses.push((await execute(index === 1 ? "?async=1" : "")).status);
    expect(statuses).toEqual([200, 202, 200]);
    for (const query of ["", "?async=1", "?stream=1"]) {
      const refused = await execute(query);
      expect(refused.status).toBe(402);
      expect(await refused.json()).toMatchObject({
        code: "quota_exceeded",
        hint: expect.stringContaining("Settings → Usage & limits") as string,
        details: { metric: "executions", cap: before + 3, month: new Date().toISOString().slice(0, 7) },
      });
    }
    await expect.poll(async () => (await usage()).metrics[0]).toMatchObject({ used: before + 3, percent: 100 });
    await choose({ month: { executions: null } });
    expect((await execute()).status).toBe(200);
  });

  it("is told of when four fifths are used: to owners and admins by mail, once, and in the audit log", async () => {
    const admin = await test.join(owner.workspaceId, "ADMIN");
    await test.join(owner.workspaceId, "MEMBER");
    const before = (await usage()).metrics[0]?.used ?? 0;
    await choose({ month: { executions: 10 } });
    for (let index = before; index < 8; index++) expect((await execute()).status).toBe(200);
    // The reading that follows a burst tells.
    await expect.poll(() => mails.map(({ to }) => to).toSorted(), { timeout: 15_000 }).toEqual([admin.email, owner.email].toSorted());
    expect(mails[0]?.subject).toMatch(/has used 80 % of its month$/);
    expect(mails[0]?.text).toContain("/settings/limits");
    const log = await test.call("GET", `/api/workspaces/${owner.workspaceId}/audit`, { as: owner.as });
    const { items } = (await log.json()) as { items: { action: string; actor: string }[] };
    expect(items.filter(({ action }) => action === "usage.capNear")).toEqual([expect.objectContaining({ actor: "system" })]);
  });
});

describe("ceilings of a run", () => {
  it("hold below what the document says", async () => {
    const { deployment } = await deploy([start, answer], { limits: { maxSteps: 500 } });
    await choose({ run: { maxSteps: 1 } });
    expect(await (await execute("", deployment)).json()).toMatchObject({ code: "step_limit", details: { maxSteps: 1 } });
  });
});

describe("runs at once", () => {
  it("are held to an agent's number: who waits for an answer is told to come back, the queue waits", async () => {
    const { agent, deployment } = await deploy([start, slow, answer]);
    const path = `/api/agents/${agent}/limits`;
    const set = await test.call("PUT", path, { as: owner.as, body: { concurrency: 1 } });
    expect(await set.json()).toEqual({ rateLimit: null, concurrency: 1 });
    expect(await (await test.call("GET", path, { as: owner.as })).json()).toEqual({ rateLimit: null, concurrency: 1 });
    const answers = await Promise.all([execute("", deployment), execute("", deployment)]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 429]);
    // Which of the two goes first is not said; the queue takes what comes all the same.
    const [queued] = await Promise.all([execute("?async=1", deployment), execute("", deployment)]);
    expect(queued.status).toBe(202);
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.headers.get("retry-after")).toBe("1");
    expect(await (await test.call("GET", limitsPath(), { as: owner.as })).json()).toMatchObject({
      agents: [{ agentId: agent, agentName: "Limited", rateLimit: null, concurrency: 1 }],
    });
  });
});

describe("choosing limits", () => {
  it("is for owners and admins, and nobody chooses above the plan", async () => {
    const member = await test.join(owner.workspaceId, "MEMBER");
    const asMember = await test.call("PUT", limitsPath(), { as: member.as, body: { concurrency: 3 } });
    expect(asMember.status).toBe(403);
    for (const body of [
      { concurrency: 0 },
      { month: { tokens: -1 } },
      { run: { maxCostUsd: 0 } },
      { plan: "enterprise" },
      { month: { executions: 1.5 } },
    ])
      expect([body, (await choose(body)).status]).toEqual([body, 400]);
    await test.database.asOwner((client) =>
      client.query(
        "INSERT INTO workspace_limits (workspace_id, plan) VALUES ($1, 'free') ON CONFLICT (workspace_id) DO UPDATE SET plan = 'free'",
        [owner.workspaceId],
      ),
    );
    const above = await choose({ month: { executions: 5_000 } });
    expect(above.status).toBe(400);
    expect(await above.json()).toMatchObject({
      detail: "Executions of a month: the plan Free allows 1000 at most.",
      problems: [{ field: "executions" }],
    });
    expect((await choose({ month: { executions: 500 } })).status).toBe(200);
  });
});
