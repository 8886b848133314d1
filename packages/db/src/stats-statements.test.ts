import type { RunOutcome } from "@heddle/schema";
import { createTestDatabase, type TestDatabase } from "@heddle/testing/database";
import { uuidv7 } from "uuidv7";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { createJournal, type Journal, LeaseLostError, type NewExecution } from "./journal.ts";
import { foldStats, NO_DEPLOYMENT } from "./stats-statements.ts";
import { StatsSlots } from "./stats-slots.ts";

let test: TestDatabase;
let workspaceId: string;
let agentId: string;
const journals: Journal[] = [];
beforeAll(async () => {
  test = await createTestDatabase();
  ({ workspaceId } = await test.createUser());
});
beforeEach(() => {
  agentId = uuidv7();
});
afterEach(() => {
  for (const journal of journals.splice(0)) journal.close();
});
afterAll(() => test.close());

function openJournal(): Journal {
  const journal = createJournal({ pool: test.db.pools.journal });
  journals.push(journal);
  return journal;
}
const execution = (changes: Partial<NewExecution> = {}): NewExecution => ({
  id: uuidv7(), workspaceId, agentId, deploymentId: DEPLOYMENT, version: 1, trigger: "api", input: 1, startedAt: new Date(), ...changes,
}); // prettier-ignore
const DEPLOYMENT = "0197f000-0000-7000-8000-000000000001";
const ended = (status: RunOutcome["status"], durationMs: number): RunOutcome => {
  const facts = { usage: { inputTokens: 3, outputTokens: 4 }, steps: 1, durationMs };
  return status === "completed" ? { status, output: 1, ...facts } : { status, error: { code: "internal", message: "x" }, ...facts };
};
const counts = async (): Promise<unknown[]> =>
  await test.db.withWorkspace(workspaceId, async (client) => {
    const { rows } = await client.query(
      `SELECT deployment_id, status, bucket, sum(executions)::int AS executions, sum(input_tokens)::int AS input, sum(output_tokens)::int AS output
       FROM execution_stats WHERE agent_id = $1 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
      [agentId],
    );
    return rows;
  });

it("counts every outcome once, however it was written", async () => {
  const journal = openJournal();
  await Promise.all(
    Array.from({ length: 50 }, async (_, index) => {
      // Half of them in one commit, half accepted first.
      const run = journal.begin(execution());
      if (index % 2 === 0) await run.accepted();
      await run.finish(ended(index < 10 ? "failed" : "completed", 0));
    }),
  );
  await journal.begin(execution({ deploymentId: null })).finish(ended("cancelled", 100));
  expect(await counts()).toEqual([
    { deployment_id: NO_DEPLOYMENT, status: "CANCELLED", bucket: 49, executions: 1, input: 3, output: 4 },
    { deployment_id: DEPLOYMENT, status: "COMPLETED", bucket: 0, executions: 40, input: 120, output: 160 },
    { deployment_id: DEPLOYMENT, status: "FAILED", bucket: 0, executions: 10, input: 30, output: 40 },
  ]);
});

it("counts no outcome that was refused", async () => {
  const accepted = execution();
  const run = await openJournal().accept(accepted);
  await run.release();
  const [taken] = await openJournal().claim(1);
  await expect(run.finish(ended("completed", 0))).rejects.toThrow(LeaseLostError);
  await taken?.run.finish(ended("completed", 0));
  expect(await counts()).toMatchObject([{ executions: 1 }]);
});

it("counts from many processes at once without loss", async () => {
  await Promise.all(
    Array.from({ length: 6 }, async () => {
      const journal = openJournal();
      for (let round = 0; round < 15; round += 1)
        await Promise.all(Array.from({ length: 4 }, (_, index) => journal.begin(execution()).finish(ended("completed", index * 10))));
    }),
  );
  const rows = (await counts()) as { executions: number }[];
  expect(rows.reduce((sum, row) => sum + row.executions, 0)).toBe(6 * 15 * 4);
});

it("puts hours that are over together by days, again and again, and forgets what is too old", async () => {
  const pool = test.db.pools.journal;
  const insert = (hour: string, bucket: number): Promise<unknown> =>
    pool.query(
      `INSERT INTO execution_stats SELECT $1, $2, $3, $4, s.slot, 'COMPLETED', $5, 5, 1, 2, 0.5 FROM (VALUES (3), (4)) AS s (slot)`,
      [workspaceId, agentId, DEPLOYMENT, hour, bucket],
    );
  const daysAgo = (days: number, hour: number): string =>
    new Date(Math.floor(Date.now() / 86_400_000 - days) * 86_400_000 + hour * 3_600_000).toISOString();
  for (const hour of [0, 5, 23]) await insert(daysAgo(2, hour), 10);
  await insert(daysAgo(40, 1), 10);
  await insert(daysAgo(0, new Date().getUTCHours()), 10);
  await foldStats(pool, 30);
  await insert(daysAgo(2, 7), 10);
  await insert(daysAgo(2, 7), 60);
  await foldStats(pool, 30);
  const days = await pool.query(
    `SELECT day::text, executions::int, input_tokens::int AS input, output_tokens::int AS output, cost_usd, latencies
     FROM execution_day_stats WHERE agent_id = $1`,
    [agentId],
  );
  expect(days.rows).toEqual([
    { day: daysAgo(2, 0).slice(0, 10), executions: 50, input: 10, output: 20, cost_usd: 5, latencies: { 10: 40, 60: 10 } },
  ]);
  expect(await counts()).toMatchObject([{ bucket: 10, executions: 10 }]);
});

it("lends batches at once different slots, and low ones again", async () => {
  const slots = new StatsSlots();
  const seen: number[] = [];
  let end: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (end = resolve));
  const first = slots.lend(async (slot) => (seen.push(slot), held));
  await slots.lend(async (slot) => void seen.push(slot));
  await expect(slots.lend(async (slot) => (seen.push(slot), Promise.reject(new Error("disk full"))))).rejects.toThrow("disk full");
  end();
  await first;
  await slots.lend(async (slot) => void seen.push(slot));
  expect(seen[1]).not.toBe(seen[0]);
  expect(seen.slice(2)).toEqual([seen[1], seen[0]]);
});
