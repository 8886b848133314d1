import { uuidv7 } from "@heddle/db";
import { agentDocument, type ScheduleResource } from "@heddle/schema";
import { createTestPlatform, type TestPlatform } from "@heddle/testing/test-platform";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

let test: TestPlatform;
beforeAll(async () => {
  test = await createTestPlatform();
});
afterAll(() => test.close());

/** An agent that starts by the clock and says when it was due. */
const clockwork = (schedules: Record<string, { cron: string; timeZone?: string }>) =>
  agentDocument.parse({
    nodes: [
      ...Object.entries(schedules).map(([id, params]) => ({ id, type: "schedule-trigger", name: id, params })),
      ...Object.keys(schedules).map((id) => ({
        id: `${id}Reply`,
        type: "reply",
        name: "Reply",
        params: { mode: "text", text: `${id}: {{ ${id}.output.scheduledAt }}` },
      })),
    ],
    edges: Object.keys(schedules).map((id) => ({ id: `e${id}`, source: { node: id }, target: { node: `${id}Reply` } })),
  });

const nightly = { night: { cron: "0 2 * * *", timeZone: "Europe/Berlin" } };

async function makeAgent(config: ReturnType<typeof clockwork>): Promise<string> {
  const { platform, alice } = test;
  return (await platform.agents.create(alice.actor, alice.workspaceId, { name: `Clock ${uuidv7()}`, config })).id;
}
async function redraw(agentId: string, config: ReturnType<typeof clockwork>): Promise<string> {
  const { platform, alice } = test;
  await platform.agents.update(alice.actor, agentId, { config });
  return (await platform.deployments.deploy(alice.actor, agentId)).id;
}
const list = async (deploymentId: string): Promise<ScheduleResource[]> =>
  (await test.platform.schedules.listOfDeployment(test.alice.actor, deploymentId)).items;
const patterns = async (deploymentId: string) => (await list(deploymentId)).map(({ nodeId, cron }) => [nodeId, cron]).toSorted();

describe("schedules", () => {
  it("follow what is deployed, rolled back and switched off", async () => {
    const { platform, alice } = test;
    const agentId = await makeAgent(clockwork(nightly));
    const { id } = await platform.deployments.deploy(alice.actor, agentId);
    const [first] = await list(id);
    expect(first).toMatchObject({ nodeId: "night", cron: "0 2 * * *", timeZone: "Europe/Berlin", isPaused: false, lastFireAt: null });
    expect(first?.upcoming).toHaveLength(5);
    expect(new Date(first?.upcoming[0] ?? 0).getTime()).toBeGreaterThan(Date.now());

    await redraw(agentId, clockwork({ night: { cron: "0 3 * * *" }, hourly: { cron: "0 * * * *" } }));
    expect(await patterns(id)).toEqual([["hourly", "0 * * * *"], ["night", "0 3 * * *"]]); // prettier-ignore
    await platform.deployments.rollback(alice.actor, agentId, 1);
    expect(await patterns(id)).toEqual([["night", "0 2 * * *"]]);

    await platform.deployments.setStatus(alice.actor, id, "INACTIVE");
    expect((await list(id))[0]?.upcoming).toEqual([]);
    await platform.deployments.setStatus(alice.actor, id, "ACTIVE");
    expect((await list(id))[0]?.upcoming[0]).toBe(first?.upcoming[0]);

    await platform.agents.delete(alice.actor, agentId);
    await test.database.asOwner(async (client) => {
      expect((await client.query("SELECT FROM schedules WHERE deployment_id = $1", [id])).rowCount).toBe(0);
    });
  });

  it("keep a tick that is due while the agent is deployed anew", async () => {
    const agentId = await makeAgent(clockwork(nightly));
    const { id } = await test.platform.deployments.deploy(test.alice.actor, agentId);
    const due = new Date(Date.now() + 3_600_000);
    await test.database.asOwner((client) => client.query("UPDATE schedules SET next_fire_at = $2 WHERE deployment_id = $1", [id, due]));
    await redraw(agentId, clockwork({ ...nightly, hourly: { cron: "0 * * * *" } }));
    expect((await list(id)).find((row) => row.nodeId === "night")?.upcoming[0]).toBe(due.toISOString());
  });

  it("run what is deployed when they are due, by their own trigger", async () => {
    const { platform, alice } = test;
    const agentId = await makeAgent(clockwork({ unused: { cron: "0 0 1 1 *" }, second: { cron: "* * * * * *" } }));
    const { id } = await platform.deployments.deploy(alice.actor, agentId);
    const outputs = async () => (await platform.executions.listOfAgent(alice.actor, agentId, { limit: 50 })).items;
    await expect
      .poll(async () => (await outputs()).filter((run) => run.status === "COMPLETED").length, { timeout: 15_000 })
      .toBeGreaterThan(1);
    await platform.deployments.setStatus(alice.actor, id, "INACTIVE");
    const runs = await outputs();
    for (const run of runs.filter(({ status }) => status === "COMPLETED")) {
      expect(run.trigger).toBe("schedule");
      expect(run.output).toMatch(/^second: \d{4}-/);
    }
    expect(new Set(runs.map((run) => JSON.stringify((run.input as { scheduledAt: string }).scheduledAt))).size).toBe(runs.length);
    const count = (await outputs()).length;
    expect(await test.platform.schedules.list(alice.actor, { workspaceId: alice.workspaceId, agentId, limit: 10 })).toMatchObject({
      items: [{ upcoming: [] }, { upcoming: [] }],
    });
    expect((await outputs()).length).toBe(count);
  });

  it("rest while they are paused, also across deployments, and go on from then", async () => {
    const { platform, alice } = test;
    const agentId = await makeAgent(clockwork(nightly));
    const { id } = await platform.deployments.deploy(alice.actor, agentId);
    const [schedule] = await list(id);
    const paused = await platform.schedules.setPaused(alice.actor, id, schedule?.id ?? "", true);
    expect(paused).toMatchObject({ isPaused: true, upcoming: [] });
    await redraw(agentId, clockwork({ night: { cron: "0 4 * * *" } }));
    expect(await list(id)).toMatchObject([{ cron: "0 4 * * *", isPaused: true, upcoming: [] }]);
    const resumed = await platform.schedules.setPaused(alice.actor, id, schedule?.id ?? "", false);
    expect(new Date(resumed.upcoming[0] ?? 0).getTime()).toBeGreaterThan(Date.now());
    expect(
      (await platform.audit.list(alice.actor, { workspaceId: alice.workspaceId, limit: 5 })).items.map((event) => event.action),
    ).toEqual(expect.arrayContaining(["schedule.paused", "schedule.resumed"]));
  });

  it("can be run at once, beside their ticks", async () => {
    const { platform, alice } = test;
    const { id } = await platform.deployments.deploy(alice.actor, await makeAgent(clockwork(nightly)));
    const [schedule] = await list(id);
    const { executionId } = await platform.schedules.runNow(alice.actor, id, schedule?.id ?? "");
    await expect.poll(async () => (await platform.executions.byId(alice.actor, executionId)).status).toBe("COMPLETED");
    expect(await platform.executions.byId(alice.actor, executionId)).toMatchObject({
      trigger: "schedule",
      output: expect.stringMatching(/^night: /),
    });
    expect((await list(id))[0]?.upcoming).toEqual(schedule?.upcoming);
    await platform.deployments.setStatus(alice.actor, id, "INACTIVE");
    await expect(platform.schedules.runNow(alice.actor, id, schedule?.id ?? "")).rejects.toMatchObject({ code: "unprocessable" });
  });

  it("are nobody else's to see, pause or run", async () => {
    const { platform, alice, bob } = test;
    const { id } = await platform.deployments.deploy(alice.actor, await makeAgent(clockwork(nightly)));
    const scheduleId = (await list(id))[0]?.id ?? "";
    const own = (
      await platform.deployments.deploy(
        bob.actor,
        (await platform.agents.create(bob.actor, bob.workspaceId, { name: "Bob's", config: clockwork(nightly) })).id,
      )
    ).id;
    for (const attempt of [
      () => platform.schedules.listOfDeployment(bob.actor, id),
      () => platform.schedules.list(bob.actor, { workspaceId: alice.workspaceId, limit: 10 }),
      () => platform.schedules.setPaused(bob.actor, id, scheduleId, true),
      () => platform.schedules.runNow(bob.actor, id, scheduleId),
      // By way of a deployment of his own.
      () => platform.schedules.setPaused(bob.actor, own, scheduleId, true),
      () => platform.schedules.runNow(bob.actor, own, scheduleId),
      () => platform.schedules.runNow(bob.actor, own, "no id"),
    ])
      await expect(attempt()).rejects.toMatchObject({ code: "not_found" });
  });
});
