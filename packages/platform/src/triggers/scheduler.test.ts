import { type ChildProcess, spawn } from "node:child_process";
import { uuidv7 } from "@heddle/db";
import { createTestDatabase, type TestDatabase } from "@heddle/testing/database";
import { shiftedClock } from "@heddle/testing/shifted-clock";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { fireDueTicks } from "./fire-due-ticks.ts";
import { startScheduler, type Scheduler } from "./scheduler.ts";

let test: TestDatabase;
let workspaceId: string;
const agentId = uuidv7();
const deploymentId = uuidv7();
const schedulers: Scheduler[] = [];
const children: ChildProcess[] = [];
const faults: unknown[] = [];

beforeAll(async () => {
  test = await createTestDatabase();
  ({ workspaceId } = await test.createUser());
  const prisma = test.db.prismaFor(workspaceId);
  await prisma.agent.create({ data: { id: agentId, workspaceId, name: "Clockwork", config: {} } });
  await prisma.agentVersion.create({ data: { id: uuidv7(), workspaceId, agentId, number: 1, config: {}, configHash: "x" } });
  await prisma.deployment.create({ data: { id: deploymentId, workspaceId, agentId, version: 1, status: "ACTIVE", configHash: "x" } });
});
afterEach(async () => {
  await Promise.all(schedulers.splice(0).map((scheduler) => scheduler.stop()));
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await test.asOwner((client) => client.query("DELETE FROM schedules; DELETE FROM executions"));
  expect(faults.splice(0)).toEqual([]);
});
afterAll(() => test.close());

const onFault = (fault: unknown) => faults.push(fault);
const start = () => schedulers.push(startScheduler({ db: test.db, onFired: () => undefined, onFault }));

/** Schedules whose next tick is so far from now, s, by the database's clock. */
async function schedules(
  count: number,
  cron: string,
  dueInSeconds: number,
  more: { timeZone?: string; lastFireAt?: Date } = {},
): Promise<string[]> {
  const ids = Array.from({ length: count }, () => uuidv7());
  await test.asOwner((client) =>
    client.query(
      `INSERT INTO schedules (id, workspace_id, agent_id, deployment_id, node_id, version, cron, time_zone, next_fire_at, last_fire_at)
       SELECT id, $2, $3, $4, id::text, 1, $5, $6, date_trunc('second', now()) + make_interval(secs => $7), $8 FROM unnest($1::uuid[]) AS id`,
      [ids, workspaceId, agentId, deploymentId, cron, more.timeZone ?? "UTC", dueInSeconds, more.lastFireAt ?? null],
    ),
  );
  return ids;
}
const schedule = async (...[cron, dueInSeconds, more]: [string, number, { timeZone?: string; lastFireAt?: Date }?]): Promise<string> =>
  (await schedules(1, cron, dueInSeconds, more))[0] ?? "";

interface Run {
  id: string;
  node: string;
  status: string;
  /** When it was due, ms since the epoch. */
  tick: number;
  /** How long after that it was accepted, by the database's clock, s. */
  delay: number;
}
async function runs(node?: string): Promise<Run[]> {
  return await test.asOwner(async (client) => {
    const { rows } = await client.query<Run>(
      `SELECT id, trigger_node AS node, status, extract(epoch FROM (input->>'scheduledAt')::timestamptz)::float8 * 1000 AS tick,
         extract(epoch FROM started_at - (input->>'scheduledAt')::timestamptz)::float8 AS delay
       FROM executions WHERE $1::text IS NULL OR trigger_node = $1 ORDER BY 4`,
      [node ?? null],
    );
    return rows;
  });
}

/** A scheduler in a process of its own, under a clock of its own. Resolves with what it takes the time to be, ms off. */
async function startElsewhere(shift: string): Promise<{ child: ChildProcess; offBy: number; output: () => string }> {
  const child = spawn(process.execPath, ["packages/testing/src/scheduler-process.ts", JSON.stringify(test.urls)], {
    cwd: new URL("../../../..", import.meta.url).pathname,
    env: { PATH: process.env["PATH"], ...shiftedClock(shift) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  await expect.poll(() => output, { timeout: 20_000 }).toMatch(/clock \d+\n/);
  return { child, offBy: Number(/clock (\d+)/.exec(output)?.[1]) - Date.now(), output: () => output };
}

describe("a due tick", () => {
  it("starts one run, which waits to be claimed under the schedule's trigger", async () => {
    const node = await schedule("0 0 1 1 *", -1);
    start();
    await expect.poll(() => runs(node)).toHaveLength(1);
    expect(await runs(node)).toMatchObject([{ status: "PENDING" }]);
    const row = await test.db.prismaFor(workspaceId).schedule.findFirstOrThrow({ where: { nodeId: node } });
    expect(row.lastExecutionId).toBe((await runs(node))[0]?.id);
    expect(row.nextFireAt?.getTime()).toBeGreaterThan(Date.now());
  });

  it("is fired once by many schedulers at once, however many ticks there are", async () => {
    await schedules(250, "0 0 1 1 *", -1);
    start();
    start();
    start();
    await expect.poll(async () => (await runs()).length, { timeout: 15_000 }).toBe(250);
    expect(new Set((await runs()).map((run) => run.node)).size).toBe(250);
    const [again] = await Promise.all([fireDueTicks(test.db, { onFault }), fireDueTicks(test.db, { onFault })]);
    expect(again.fired).toEqual([]);
  });

  it("is fired when it is due and not before, also where schedulers believe in other times", async () => {
    const [ahead, behind] = await Promise.all([startElsewhere("+2h"), startElsewhere("-30m")]);
    expect(Math.round(ahead.offBy / 60_000)).toBe(120);
    expect(Math.round(behind.offBy / 60_000)).toBe(-30);
    const node = await schedule("* * * * * *", 1);
    await expect.poll(async () => (await runs(node)).length, { timeout: 25_000 }).toBeGreaterThanOrEqual(8);
    for (const child of children) child.kill("SIGKILL");

    const fired = await runs(node);
    // One a second, none twice, none left out, and none ahead of the database's clock.
    expect(fired.map((run) => run.tick)).toEqual(fired.map((_, index) => (fired[0]?.tick ?? 0) + index * 1_000));
    expect(Math.min(...fired.map((run) => run.delay))).toBeGreaterThanOrEqual(0);
    expect(ahead.output() + behind.output()).not.toContain("fault");
    expect(ahead.output() + behind.output()).toContain("fired 1");
  });

  it("is fired by another where the scheduler that had claimed it dies, and once", async () => {
    const node = await schedule("0 0 1 1 *", -1);
    await test.asOwner(async (client) => {
      // A scheduler that has got as far as this when it dies.
      await client.query("BEGIN");
      await client.query("SELECT FROM schedules WHERE node_id = $1 FOR UPDATE", [node]);
      await client.query("UPDATE schedules SET next_fire_at = NULL WHERE node_id = $1", [node]);
      start();
      await schedulers[0]?.fireDue();
      expect(await runs(node)).toEqual([]);
    });
    await expect.poll(() => runs(node)).toHaveLength(1);
    start();
    await schedulers[1]?.fireDue();
    expect(await runs(node)).toHaveLength(1);
  });

  it("goes on after a restart with what came next", async () => {
    const node = await schedule("* * * * * *", 0);
    for (let restart = 1; restart <= 3; restart++) {
      start();
      await expect.poll(async () => (await runs(node)).length, { timeout: 10_000 }).toBeGreaterThanOrEqual(restart);
      await Promise.all(schedulers.splice(0).map((scheduler) => scheduler.stop()));
    }
    const seen = (await runs(node)).map((run) => run.tick);
    expect(new Set(seen).size).toBe(seen.length);
  });
});

describe("ticks that were missed", () => {
  it("are made up for by the latest one, once", async () => {
    const node = await schedule("*/10 * * * *", -3 * 3_600);
    const { fired } = await fireDueTicks(test.db, { onFault });
    expect(fired).toHaveLength(1);
    const [run] = await runs(node);
    expect(run?.delay).toBeGreaterThanOrEqual(0);
    expect(run?.delay).toBeLessThan(600);
    expect((await fireDueTicks(test.db, { onFault })).fired).toEqual([]);
  });

  it("start a run of today, however long ago they were", async () => {
    const node = await schedule("0 0 1 1 *", -400 * 24 * 3_600);
    await fireDueTicks(test.db, { onFault });
    const [run] = await runs(node);
    // The time in the first 48 bits decides for how long it is kept.
    expect(Math.abs(Number.parseInt(run?.id.replaceAll("-", "").slice(0, 12) ?? "", 16) - Date.now())).toBeLessThan(60_000);
  });

  it("are not fired again though the database's clock went back", async () => {
    const node = await schedule("0 0 1 1 *", -60, { lastFireAt: new Date(Date.now() + 3_600_000) });
    await fireDueTicks(test.db, { onFault });
    expect(await runs(node)).toEqual([]);
    const row = await test.db.prismaFor(workspaceId).schedule.findFirstOrThrow({ where: { nodeId: node } });
    expect(row.nextFireAt?.getTime()).toBeGreaterThan(Date.now());
  });
});

describe("a schedule that can't be read any more", () => {
  it("is reported and keeps no other one from its ticks", async () => {
    const broken = await schedule("0 0 1 1 *", -2, { timeZone: "Europe/Atlantis" });
    const sound = await schedule("0 0 1 1 *", -1);
    await fireDueTicks(test.db, { onFault });
    expect(await runs(broken)).toEqual([]);
    expect(await runs(sound)).toHaveLength(1);
    expect(faults.splice(0)).toHaveLength(1);
  });
});
