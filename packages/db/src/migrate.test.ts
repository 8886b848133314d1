import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTestDatabase, type TestDatabase } from "@heddle/testing/database";
import { afterEach, beforeEach, expect, it } from "vitest";
import { migrate } from "./migrate.ts";

let test: TestDatabase;
let folder: string;

beforeEach(async () => {
  test = await createTestDatabase();
  await test.asOwner((client) => client.query("DROP TABLE _prisma_migrations"));
  folder = await mkdtemp(join(tmpdir(), "heddle-migrations-"));
});
afterEach(async () => {
  await test.close();
  await rm(folder, { recursive: true });
});

async function write(name: string, sql: string): Promise<void> {
  await mkdir(join(folder, name), { recursive: true });
  await writeFile(join(folder, name, "migration.sql"), sql);
}
const run = () => migrate(test.urls.owner, folder);

it("applies migrations in order, and once when several processes start together", async () => {
  await write("2_second", "INSERT INTO log VALUES (2)");
  await write("1_first", "CREATE TABLE log (n int); INSERT INTO log VALUES (1)");
  const reports = await Promise.all([run(), run(), run()]);
  expect(reports.flatMap((report) => report.applied).toSorted()).toEqual(["1_first", "2_second"]);
  expect(await test.asOwner(async (client) => (await client.query("SELECT n FROM log")).rows)).toEqual([{ n: 1 }, { n: 2 }]);
});

it("keeps nothing of a migration that fails, and all of those before it", async () => {
  await write("1_good", "CREATE TABLE good ()");
  await write("2_bad", "CREATE TABLE half (); SELECT nonsense");
  await expect(run()).rejects.toThrow(/2_bad failed.*nonsense/);
  expect(
    await test.asOwner(async (client) => (await client.query("SELECT to_regclass('good') AS good, to_regclass('half') AS half")).rows),
  ).toEqual([{ good: "good", half: null }]);
  await write("2_bad", "CREATE TABLE half ()");
  expect((await run()).applied).toEqual(["2_bad"]);
});

it("refuses an applied migration that was changed, and one that it does not know", async () => {
  await write("1_first", "SELECT 1");
  await run();
  await write("1_first", "SELECT 2");
  await expect(run()).rejects.toThrow(/1_first was changed/);
  await rm(join(folder, "1_first"), { recursive: true });
  await expect(run()).rejects.toThrow(/newer Heddle \(1_first\)/);
});

it("works for an owner who is no superuser", async () => {
  await test.asOwner(async (client) => {
    await client.query("DROP SCHEMA public, heddle_jobs CASCADE; CREATE SCHEMA public");
    await client.query("CREATE ROLE plain_owner LOGIN CREATEROLE");
    await client.query("ALTER SCHEMA public OWNER TO plain_owner");
    await client.query("DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO plain_owner', current_database()); END $$");
    await client.query(
      "GRANT heddle_app, heddle_auth, heddle_journal, heddle_system, heddle_jobs TO plain_owner WITH ADMIN TRUE, INHERIT FALSE",
    );
  });
  try {
    const { applied, total } = await migrate(test.urls.owner.replace(/\/\/[^@]+@/, "//plain_owner@"));
    expect(applied).toHaveLength(total);
    expect((await test.createUser()).workspaceId).not.toBe("");
  } finally {
    await test.asOwner(async (client) => {
      await client.query("DROP OWNED BY plain_owner CASCADE; DROP ROLE plain_owner");
    });
  }
});

it("makes the partitions of coming months, and moves rows that came before their partition", async () => {
  await test.asOwner(async (client) => {
    const partitions = async (): Promise<string[]> =>
      (
        await client.query<{ name: string }>(
          "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'executions'::regclass",
        )
      ).rows.map((row) => row.name);
    const before = await partitions();
    const id = "SELECT overlay(heddle_uuid_at(date_trunc('month', now()) + interval '5 months 3 days')::text PLACING '7' FROM 15)::uuid";
    await client.query(`INSERT INTO executions (id, workspace_id, agent_id, trigger, input, status)
      SELECT (${id}), gen_random_uuid(), gen_random_uuid(), 'api', '{}', 'RUNNING'`);
    expect((await client.query("SELECT count(*)::int AS n FROM executions_default")).rows).toEqual([{ n: 1 }]);
    await client.query("SELECT heddle_ensure_partitions(6)");
    expect(await partitions()).toHaveLength(before.length + 3);
    expect((await client.query("SELECT count(*)::int AS n FROM executions_default")).rows).toEqual([{ n: 0 }]);
    expect((await client.query("SELECT count(*)::int AS n FROM executions")).rows).toEqual([{ n: 1 }]);
  });
});
