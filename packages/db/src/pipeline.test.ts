import { createTestDatabase, type TestDatabase } from "@heddle/testing/database";
import { Pool } from "pg";
import { afterAll, beforeAll, beforeEach, afterEach, expect, test } from "vitest";
import { MortalClient } from "./mortal-client.ts";
import { Pipeline } from "./pipeline.ts";

let database: TestDatabase;
let pool: Pool;
let pipeline: Pipeline;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(() => {
  pool = new Pool({ Client: MortalClient, connectionString: database.urls.journal, max: 2, pipeline: true, query_timeout: 1_500 });
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  pipeline = new Pipeline(pool);
});
afterEach(() => pool.end());

const pid = async (): Promise<number> => {
  const { rows } = await pipeline.query<{ pid: number }>({ name: "pid", text: "SELECT pg_backend_pid() AS pid" });
  return rows[0]?.pid ?? 0;
};

test("statements share one connection while they are under way, and give it back afterwards", async () => {
  const pids = await Promise.all([pid(), pid(), pid()]);
  expect(new Set(pids).size).toBe(1);
  expect([pool.totalCount, pool.idleCount]).toEqual([1, 1]);
  expect(await pid()).toBe(pids[0]);
});

test("each is a transaction of its own: what the server refuses takes nothing else with it", async () => {
  const results = await Promise.allSettled([pid(), pipeline.query({ text: "SELECT 1 / 0" }), pid()]);
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect([pool.totalCount, pool.idleCount]).toEqual([1, 1]);
});

test("a connection that breaks fails what is under way on it, and the next statement gets another", async () => {
  const first = await pid();
  const underway = [pipeline.query({ text: "SELECT pg_sleep(10)" }), pid()].map((each) => each.catch((error: unknown) => error));
  await database.asOwner((client) => client.query("SELECT pg_terminate_backend($1)", [first]));
  expect((await Promise.all(underway)).every((error) => error instanceof Error)).toBe(true);
  expect(await pid()).not.toBe(first);
  expect(pool.totalCount).toBe(1);
});

test("one that says nothing for too long is ended, and one that is only never at rest is not", async () => {
  const asked = performance.now();
  const silent = await pipeline.query({ text: "SELECT pg_sleep(10)" }).catch((error: unknown) => error);
  expect(silent).toBeInstanceOf(Error);
  expect(performance.now() - asked).toBeLessThan(5_000);

  const first = await pid();
  const until = performance.now() + 3_000;
  const keepAsking = async (): Promise<void> => {
    while (performance.now() < until) await pipeline.query({ text: "SELECT pg_sleep(0.01)" });
  };
  await Promise.all([keepAsking(), keepAsking(), keepAsking()]);
  expect(await pid()).toBe(first);
});
