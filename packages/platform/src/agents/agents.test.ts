import { agentDocument } from "@heddle/schema";
import { createTestPlatform, type TestPlatform } from "@heddle/testing/test-platform";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

let test: TestPlatform;
beforeAll(async () => {
  test = await createTestPlatform();
});
afterAll(() => test.close());

const config = (text = "Hello") =>
  agentDocument.parse({
    nodes: [
      { id: "start", type: "api-trigger", name: "Call" },
      { id: "answer", type: "reply", name: "Reply", params: { mode: "text", text } },
    ],
    edges: [{ id: "e1", source: { node: "start" }, target: { node: "answer" } }],
  });
const broken = config("{{ nobody.output }}");

describe("agents", () => {
  it("keep a draft with problems and say what they are", async () => {
    const { platform, alice } = test;
    const agent = await platform.agents.create(alice.actor, alice.workspaceId, { name: "Broken", config: broken });
    expect(agent.problems).toMatchObject([{ severity: "error", nodeId: "answer" }]);
    await expect(platform.deployments.deploy(alice.actor, agent.id)).rejects.toMatchObject({
      code: "document_invalid",
      problems: agent.problems,
    });
    expect((await platform.agents.byId(alice.actor, agent.id)).version).toBe(0);
  });

  it("tell the second of two editors that somebody else saved", async () => {
    const { platform, alice } = test;
    const agent = await platform.agents.create(alice.actor, alice.workspaceId, { name: "Shared", config: config() });
    const saves = [config("A"), config("B")].map((draft) =>
      platform.agents.update(alice.actor, agent.id, { config: draft, revision: agent.revision }),
    );
    const outcomes = await Promise.allSettled(saves);
    expect(outcomes.map((outcome) => outcome.status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect(outcomes.find((outcome) => outcome.status === "rejected")?.reason).toMatchObject({ code: "conflict", details: { revision: 2 } });
  });

  it("page by cursor, the latest changed first, without repeating or leaving out", async () => {
    const { platform, bob } = test;
    const names = ["one", "two", "three", "four", "five"];
    for (const name of names) await platform.agents.create(bob.actor, bob.workspaceId, { name, config: config() });
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: { items: { name: string }[]; nextCursor: string | null } = await platform.agents.list(bob.actor, {
        workspaceId: bob.workspaceId,
        limit: 2,
        ...(cursor === null ? {} : { cursor }),
      });
      seen.push(...page.items.map((agent) => agent.name));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen).toEqual(names.toReversed());
    expect(
      (await platform.agents.list(bob.actor, { workspaceId: bob.workspaceId, search: "THR" })).items.map((agent) => agent.name),
    ).toEqual(["three"]);
  });

  it("take nothing with them that belongs to others when they are deleted", async () => {
    const { platform, alice, database } = test;
    const agent = await platform.agents.create(alice.actor, alice.workspaceId, { name: "Doomed", config: config() });
    const deployment = await platform.deployments.deploy(alice.actor, agent.id);
    const run = await platform.runs.executeDeployment(alice.actor, deployment.id, { input: {} });
    await run.finished;
    await platform.agents.delete(alice.actor, agent.id);
    await expect
      .poll(() =>
        platform.runs.executeDeployment(alice.actor, deployment.id, { input: {} }).then(
          () => "runs",
          (error: { code: string }) => error.code,
        ),
      )
      .toBe("not_found");
    const { rows } = await database.asOwner((client) => client.query("SELECT 1 FROM executions WHERE agent_id = $1", [agent.id]));
    expect(rows).toEqual([]);
  });
});

describe("deployments", () => {
  it("keep their address while versions come and go", async () => {
    const { platform, alice } = test;
    const agent = await platform.agents.create(alice.actor, alice.workspaceId, { name: "Versions", config: config("first") });
    const first = await platform.deployments.deploy(alice.actor, agent.id);
    const answer = async () =>
      (await (
        await platform.runs.executeDeployment(alice.actor, first.id, { input: {} })
      ).finished) as { output: unknown };
    expect((await answer()).output).toBe("first");

    await platform.agents.update(alice.actor, agent.id, { config: config("second") });
    expect((await answer()).output).toBe("first");
    const second = await platform.deployments.deploy(alice.actor, agent.id);
    expect(second).toMatchObject({ id: first.id, url: first.url, version: 2 });
    await expect.poll(async () => (await answer()).output).toBe("second");

    expect((await platform.deployments.deploy(alice.actor, agent.id)).version).toBe(2);
    await platform.deployments.rollback(alice.actor, agent.id, 1);
    await expect.poll(async () => (await answer()).output).toBe("first");
    expect((await platform.deployments.versions(alice.actor, { agentId: agent.id })).items).toMatchObject([
      { number: 2, isLive: false },
      { number: 1, isLive: true, configHash: first.configHash },
    ]);
    await expect(platform.deployments.rollback(alice.actor, agent.id, 9)).rejects.toMatchObject({ code: "not_found" });
  });

  it("give each of two deploys at once a version of its own", async () => {
    const { platform, alice } = test;
    const agent = await platform.agents.create(alice.actor, alice.workspaceId, { name: "Race", config: config() });
    const deployed = await Promise.all([1, 2, 3].map(() => platform.deployments.deploy(alice.actor, agent.id)));
    expect(new Set(deployed.map((deployment) => deployment.id)).size).toBe(1);
    expect(deployed.map((deployment) => deployment.version)).toEqual([1, 1, 1]);
  });

  it("stop answering when they are switched off", async () => {
    const { platform, alice } = test;
    const agent = await platform.agents.create(alice.actor, alice.workspaceId, { name: "Switch", config: config() });
    const { id } = await platform.deployments.deploy(alice.actor, agent.id);
    await platform.deployments.setStatus(alice.actor, id, "INACTIVE");
    await expect
      .poll(() =>
        platform.runs.executeDeployment(alice.actor, id, { input: {} }).then(
          () => "runs",
          (error: { code: string }) => error.code,
        ),
      )
      .toBe("unprocessable");
  });

  it("count what ran", async () => {
    const { platform, alice } = test;
    const agent = await platform.agents.create(alice.actor, alice.workspaceId, { name: "Counted", config: config() });
    const { id } = await platform.deployments.deploy(alice.actor, agent.id);
    for (let i = 0; i < 3; i++) await (await platform.runs.executeDeployment(alice.actor, id, { input: {} })).finished;
    const metrics = await platform.deployments.metrics(alice.actor, id);
    expect(metrics).toMatchObject({ executions: 3, completed: 3, failed: 0 });
    expect(metrics.daily).toHaveLength(30);
    expect(metrics.daily.at(-1)).toMatchObject({ completed: 3 });
  });
});
