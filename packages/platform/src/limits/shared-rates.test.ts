import { connect } from "@heddle/db";
import { createTestDatabase } from "@heddle/testing/database";
import { startRedis } from "@heddle/testing/redis-server";
import { startTcpProxy } from "@heddle/testing/tcp-proxy";
import { afterAll, describe, expect, it } from "vitest";
import { createPostgresRateStore } from "./postgres-rate-store.ts";
import { RateLimiter, type RateSubject } from "./rate-limiter.ts";
import type { RateStore } from "./rate-store.ts";
import { createRedisRateStore } from "./redis-rate-store.ts";

const undo: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const step of undo.toReversed()) await step();
});

let names = 0;
const subjectOf = (limit: number): RateSubject => ({ policy: "key", id: `k${names++}`, limit });
const isAllowed = async (limiter: RateLimiter, subject: RateSubject) => (await limiter.take([subject]))?.isAllowed === true;

async function twoOnPostgres(): Promise<RateStore[]> {
  const test = await createTestDatabase();
  const other = connect({ urls: test.urls });
  undo.push(test.close, () => other.close());
  return [test.db, other].map((db) => createPostgresRateStore(db.pools.auth));
}
async function twoOnRedis(): Promise<RateStore[]> {
  const redis = await startRedis();
  undo.push(redis.stop);
  return [1, 2].map(() => createRedisRateStore({ url: redis.url }));
}

describe.each([
  ["PostgreSQL", twoOnPostgres],
  ["Redis", twoOnRedis],
])("two processes that share their counts by %s", (_, start) => {
  it("let no more through between them than one could, whatever the order", async () => {
    const processes = (await start()).map((store) => new RateLimiter({ store }));
    undo.push(() => Promise.all(processes.map((each) => each.close())));

    const burst = subjectOf(100);
    const atOnce = await Promise.all(processes.flatMap((each) => Array.from({ length: 300 }, () => isAllowed(each, burst))));
    expect(atOnce.filter(Boolean)).toHaveLength(100);

    const steady = subjectOf(200);
    let passed = 0;
    for (let index = 0; index < 300; index++) {
      for (const each of processes) if (await isAllowed(each, steady)) passed++;
    }
    expect(passed).toBeLessThanOrEqual(200);
    // At most a tenth of what was left when it was drawn may be stuck in the other process.
    expect(passed).toBeGreaterThan(190);
  });

  it("keep many subjects apart in one moment", async () => {
    const processes = (await start()).map((store) => new RateLimiter({ store }));
    undo.push(() => Promise.all(processes.map((each) => each.close())));
    const subjects = Array.from({ length: 50 }, (__, index) => subjectOf(index + 1));
    const passed = await Promise.all(
      subjects.map(async (subject) => {
        const asked = processes.flatMap((each) => Array.from({ length: 60 }, () => isAllowed(each, subject)));
        return (await Promise.all(asked)).filter(Boolean).length;
      }),
    );
    expect(passed).toEqual(subjects.map(({ limit }) => limit));
  });
});

it("holds to the limit in each process while Redis is away, and shares again when it is back", async () => {
  const redis = await startRedis();
  const proxy = await startTcpProxy({ host: "127.0.0.1", port: redis.port });
  const faults: unknown[] = [];
  let now = 0;
  const store = createRedisRateStore({ url: `redis://127.0.0.1:${proxy.port}` });
  const limiter = new RateLimiter({ store, onFault: (fault) => faults.push(fault), now: () => now });
  undo.push(redis.stop, proxy.close, () => limiter.close());
  const subject = subjectOf(10);
  const takeAll = async () => {
    const taken = await Promise.all(Array.from({ length: 40 }, () => isAllowed(limiter, subject)));
    return taken.filter(Boolean).length;
  };
  expect(await takeAll()).toBe(10);
  expect(faults).toEqual([]);
  await proxy.cut();
  now += 60_000;
  expect(await takeAll()).toBe(10);
  expect(faults).toHaveLength(1);
  await proxy.mend();
  // Redis still counts the first minute, of which nothing is left: that it says so shows that it was asked.
  await expect
    .poll(
      async () => {
        now += 60_000;
        return await takeAll();
      },
      { timeout: 10_000 },
    )
    .toBe(0);
});
