import { randomUUID } from "node:crypto";
import { mkdtemp, readdir, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { uuidv7 } from "@heddle/db";
import { createJournal, type Journal } from "@heddle/db/journal";
import { createDiskStorage, type FileStorage } from "@heddle/files";
import type { Json, StepRecord } from "@heddle/schema";
import { createTestDatabase, type TestDatabase } from "@heddle/testing/database";
import { filesOf } from "@heddle/testing/file-storage-suite";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { keepLargeValues } from "../large-values/keep-large-values.ts";
import { LargeValues } from "../large-values/large-values.ts";
import { retain } from "./retain.ts";
import { Retention } from "./retention-days.ts";
import { retainByPlan } from "./retain-by-plan.ts";
import { sweepFiles } from "./sweep-files.ts";

const DAY_MS = 86_400_000;
let database: TestDatabase;
let workspaceId: string;
let folder: string;
let files: FileStorage;
let journal: Journal;
beforeAll(async () => {
  database = await createTestDatabase();
  ({ workspaceId } = await database.createUser());
  folder = await mkdtemp(join(tmpdir(), "heddle-retention-"));
  journal = createJournal({ pool: database.db.pools.journal });
});
beforeEach(() => {
  files = createDiskStorage(join(folder, randomUUID()));
});
afterAll(async () => {
  journal.close();
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

const step = (output: Json): StepRecord => ({
  key: "a#",
  nodeId: "a",
  startedAt: 1,
  durationMs: 1,
  attempts: 1,
  status: "completed",
  output,
  ports: [],
});

/** Some month of long ago, with a partition of each class. */
async function makeMonth(month: string, classes: number[]): Promise<void> {
  const end = new Date(`${month}-01T00:00:00Z`);
  end.setUTCMonth(end.getUTCMonth() + 1);
  await database.asOwner(async (client) => {
    for (const parent of ["executions", "execution_traces"]) {
      const name = `${parent}_${month.replace("-", "_")}`;
      await client.query(`CREATE TABLE ${name} PARTITION OF ${parent}
        FOR VALUES FROM (heddle_uuid_at('${month}-01T00:00:00Z')) TO (heddle_uuid_at('${end.toISOString()}')) PARTITION BY LIST (retention)`);
      for (const days of classes) await client.query(`SELECT heddle_make_leaf('${name}', ${days}::smallint)`);
    }
  });
}
/** An id of that time. */
const idAt = (time: string): string => {
  const hex = new Date(time).getTime().toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}${uuidv7().slice(13)}`;
};
const execution = (id: string, retention: number) => ({
  id,
  workspaceId,
  agentId: uuidv7(),
  trigger: "api",
  input: 1,
  startedAt: new Date(),
  retention,
});
const ending = (output: Json) =>
  ({ status: "completed", output, usage: { inputTokens: 0, outputTokens: 0 }, steps: 0, durationMs: 1 }) as const;
const ids = async (): Promise<string[]> =>
  (await database.db.prismaFor(workspaceId).execution.findMany({ select: { id: true } })).map((row) => row.id);

describe("partitions", () => {
  test("are dropped when all that is in them is past its days, and not before", async () => {
    const daysAgo = (days: number): string => new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 7);
    const lately = daysAgo(62);
    await makeMonth(lately, [7, 90]);
    const over = idAt(`${lately}-15`);
    const kept = idAt(`${lately}-16`);
    await journal.begin(execution(over, 7)).finish(ending(1));
    await journal.begin(execution(kept, 90)).finish(ending(1));
    expect(await retain({ db: database.db, files })).toMatchObject({ dropped: [`executions_${lately.replace("-", "_")}_7`], kept: [] });
    expect(await ids()).toContain(kept);
    expect(await ids()).not.toContain(over);
    expect(await retain({ db: database.db, files })).toBeUndefined();
  });

  test("are kept for runs that have not ended, and for who is reading them, without making others wait", async () => {
    await makeMonth("2021-03", [7]);
    const id = idAt("2021-03-15");
    const run = await journal.accept(execution(id, 7));
    expect(await retain({ db: database.db, files })).toMatchObject({
      dropped: [],
      kept: [{ name: "executions_2021_03_7", outcome: "unfinished" }],
    });
    await run.finish(ending(1));
    await database.asOwner(async (client) => {
      await client.query("BEGIN");
      await client.query("LOCK TABLE executions_2021_03_7 IN ACCESS SHARE MODE");
      const before = Date.now();
      expect(await retain({ db: database.db, files })).toMatchObject({ kept: [{ outcome: "busy" }] });
      expect(Date.now() - before).toBeLessThan(5_000);
      await client.query("ROLLBACK");
    });
    expect(await retain({ db: database.db, files })).toMatchObject({ dropped: ["executions_2021_03_7"] });
    const { rows } = await database.asOwner((client) => client.query("SELECT relname FROM pg_class WHERE relname LIKE '%2021_03_7'"));
    expect(rows).toEqual([]);
  });

  test("are left to the process that is at it", async () => {
    await makeMonth("2021-05", [7]);
    await database.asOwner(async (client) => {
      await client.query("SELECT pg_advisory_lock(hashtext('heddle_retention'))");
      expect(await retain({ db: database.db, files })).toBeUndefined();
    });
    expect(await retain({ db: database.db, files })).toMatchObject({ dropped: ["executions_2021_05_7"] });
  });
});

describe("days", () => {
  const retentionOf = (plan: "free" | "self-hosted", days?: number) =>
    new Retention({ db: database.db, planOf: () => plan, days, onFault: (fault) => expect.fail(String(fault)) });
  const leafOf = async (id: string): Promise<string> => {
    const { rows } = await database.asOwner(async (client) => {
      await client.query("ALTER TABLE executions NO FORCE ROW LEVEL SECURITY");
      const found = await client.query<{ leaf: string }>("SELECT tableoid::regclass::text AS leaf FROM executions WHERE id = $1", [id]);
      await client.query("ALTER TABLE executions FORCE ROW LEVEL SECURITY");
      return found;
    });
    return rows[0]?.leaf ?? "";
  };

  test("are those of the plan, for which there are partitions before the first row", async () => {
    const id = uuidv7();
    const kept = retainByPlan(journal, retentionOf("free"));
    await kept.enqueue({ ...execution(id, 0), retention: undefined as never });
    expect(await leafOf(id)).toMatch(/^executions_\d{4}_\d{2}_7$/);
    const direct = uuidv7();
    await kept.begin({ ...execution(direct, 0), retention: undefined as never }).finish(ending(1));
    expect(await leafOf(direct)).toMatch(/_7$/);
  });

  test("are the operator's where there is a word of theirs", async () => {
    const retention = retentionOf("free", 45);
    expect(retention.known(workspaceId)).toBe(365);
    await expect.poll(() => retention.known(workspaceId)).toBe(45);
    expect(await retention.of(workspaceId)).toBe(45);
  });
});

describe("files", () => {
  const age = async (): Promise<void> => {
    const root = (await readdir(folder)).map((name) => join(folder, name));
    for (const each of root)
      for (const name of await readdir(each, { recursive: true }))
        await utimes(join(each, name), new Date(Date.now() - 2 * DAY_MS), new Date(Date.now() - 2 * DAY_MS));
  };

  test("are swept when nobody refers to them: of runs that are gone, were never accepted, or wrote them twice", async () => {
    const values = new LargeValues(files);
    const large = keepLargeValues(journal, { values, onFault: (fault) => expect.fail(String(fault)) });
    const ended = await large.accept(execution(uuidv7(), 365));
    ended.append(step("s".repeat(300_000)));
    await ended.flush();
    await ended.finish(ending("x".repeat(300_000)));
    const soon = large.begin(execution(uuidv7(), 365));
    soon.append(step("t".repeat(300_000)));
    await soon.finish(ending("y".repeat(300_000)));
    const going = await large.accept(execution(uuidv7(), 365));
    await values.store(going, "not yet written".repeat(30_000));
    const needed = (await filesOf(files)).map(({ key }) => key).toSorted();
    await values.store(ended, "of an attempt whose process died".repeat(10_000));
    await values.store({ workspaceId, executionId: uuidv7() }, "of a run that was never accepted".repeat(10_000));
    expect(await sweepFiles(database.db, files)).toBe(0);
    await age();
    expect(await sweepFiles(database.db, files)).toBe(2);
    expect((await filesOf(files)).map(({ key }) => key).toSorted()).toEqual(needed);
    await going.finish(ending(1));
  });
});

test("what has run out by its own date is deleted, and nothing else", async () => {
  const entry = (key: string, expiresAt: Date | null) =>
    database.db
      .prismaFor(workspaceId)
      .memoryEntry.create({ data: { workspaceId, scope: "workspace", owner: "", key, value: 1, expiresAt } });
  await entry("over", new Date(Date.now() - 1_000));
  await entry("later", new Date(Date.now() + DAY_MS));
  await entry("ever", null);
  expect(await retain({ db: database.db, files })).toMatchObject({ rows: 1 });
  const left = await database.db.prismaFor(workspaceId).memoryEntry.findMany({ select: { key: true }, orderBy: { key: "asc" } });
  expect(left.map(({ key }) => key)).toEqual(["ever", "later"]);
});
