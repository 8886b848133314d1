import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunOutcome } from "@heddle/schema";
import { createTestDatabase, type TestDatabase } from "@heddle/testing/database";
import { uuidv7 } from "uuidv7";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { createJournal, type Journal, type NewExecution } from "./journal.ts";
import { openRunLog } from "./logged-runs.ts";
import type { RunLog } from "./run-log.ts";

let test: TestDatabase;
let workspaceId: string;
let agentId: string;
let folder: string;
let log: RunLog;
let journal: Journal;
let errors: unknown[];
beforeAll(async () => {
  test = await createTestDatabase();
  ({ workspaceId } = await test.createUser());
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "heddle-run-log-"));
  agentId = uuidv7();
  errors = [];
  await start();
});
afterEach(async () => {
  await stop();
  await rm(folder, { recursive: true });
});
afterAll(() => test.close());

async function start(): Promise<void> {
  log = await openRunLog({ folder, pool: test.db.pools.journal, onError: (error) => errors.push(error) });
  journal = createJournal({ pool: test.db.pools.journal, log });
}
async function stop(): Promise<void> {
  journal.close();
  await log.close();
}
const execution = (changes: Partial<NewExecution> = {}): NewExecution => ({
  id: uuidv7(), workspaceId, agentId, trigger: "api", input: { name: "Zoë\u2028\u0000" }, startedAt: new Date(), ...changes,
}); // prettier-ignore
const completed: RunOutcome = {
  status: "completed",
  output: { ok: "ü" },
  usage: { inputTokens: 3, outputTokens: 4 },
  steps: 1,
  durationMs: 12,
};
const rows = () => test.db.prismaFor(workspaceId).execution.findMany({ where: { agentId }, orderBy: { id: "asc" } });
const counted = async (): Promise<number> =>
  await test.db.withWorkspace(workspaceId, async (client) => {
    const { rows: found } = await client.query<{ count: number }>(
      "SELECT coalesce(sum(executions), 0)::int AS count FROM execution_stats WHERE agent_id = $1",
      [agentId],
    );
    return found[0]?.count ?? 0;
  });

it("has a run that ended soon, whole, once it has landed", async () => {
  const before = Date.now();
  const short = execution();
  const run = journal.begin(short);
  run.append({ key: "a#", nodeId: "n", startedAt: 1, durationMs: 1.5, attempts: 1, status: "completed", output: 1, ports: ["out"] });
  await run.finish(completed);
  const after = Date.now();
  await journal.landed();
  const [row] = await rows();
  expect(row).toMatchObject({ id: short.id, status: "COMPLETED", output: { ok: "ü" }, tokensUsed: 7, latency: 12, leaseEpoch: 1 });
  // When it ended, not when it landed.
  expect(row?.completedAt?.getTime()).toBeGreaterThanOrEqual(before);
  expect(row?.completedAt?.getTime()).toBeLessThanOrEqual(after);
  expect((await journal.loadSteps(workspaceId, short.id)).map(({ key }) => key)).toEqual(["a#"]);
  expect(await counted()).toBe(1);
});

it("has every run once, and counts it once, however often it is landed", async () => {
  await Promise.all(Array.from({ length: 40 }, () => journal.begin(execution()).finish(completed)));
  await stop();
  expect([await rows(), await counted()]).toMatchObject([{ length: 40 }, 40]);
  // As if the machine had lost the mark, which is not waited for.
  await rm(join(folder, "landed"));
  await start();
  expect([await rows(), await counted()]).toMatchObject([{ length: 40 }, 40]);
  await journal.begin(execution()).finish(completed);
  await journal.landed();
  expect([await rows(), await counted()]).toMatchObject([{ length: 41 }, 41]);
  expect(errors).toEqual([]);
});

it("writes a run whose end somebody waits for with the news of it, and leaves the log alone", async () => {
  const append: string[] = [];
  const told: unknown[] = [];
  const other = createJournal({
    pool: test.db.pools.journal,
    log: { append: async (text) => append.push(text) > 0, landed: () => Promise.resolve() },
    outbox: { wants: () => true, onWritten: () => told.push(1) },
  });
  await other.begin(execution()).finish(completed);
  other.close();
  expect([append, told, await rows()]).toMatchObject([[], [1], { length: 1 }]);
});

it("writes to the database what the log can't take", async () => {
  const other = createJournal({
    pool: test.db.pools.journal,
    log: { append: () => Promise.resolve(false), landed: () => Promise.resolve() },
  });
  await other.begin(execution()).finish(completed);
  other.close();
  expect(await rows()).toHaveLength(1);
});

it("keeps a run that the database refuses aside, tells of it, and lands the others", async () => {
  await Promise.all([
    journal.begin(execution()).finish(completed),
    journal.begin(execution({ deploymentId: "not an id" })).finish(completed),
    journal.begin(execution()).finish(completed),
  ]);
  await journal.landed();
  expect(await rows()).toHaveLength(2);
  expect(await counted()).toBe(2);
  expect(await readFile(join(folder, "refused"), "utf8")).toMatch(/not an id.*\n$/s);
  expect(errors).toMatchObject([{ message: expect.stringContaining(folder) }]);
});
