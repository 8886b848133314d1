import { describe, expect, it } from "vitest";
import { RATE_WINDOW_MS, RateLimiter, rateLimited, type RateSubject, type RateVerdict } from "./rate-limiter.ts";
import { type Drawn, grantOf, type RateStore } from "./rate-store.ts";

const key = (limit: number, id = "a"): RateSubject => ({ policy: "key", id, limit });

/** A store in memory whose answers are made to wait and to fail. */
function fakeStore(): RateStore & { draws: number; isAway: boolean } {
  const taken = new Map<string, number>();
  const store = {
    draws: 0,
    isAway: false,
    draw: async (draw: Parameters<RateStore["draw"]>[0]): Promise<Drawn> => {
      store.draws++;
      await Promise.resolve();
      if (store.isAway) throw new Error("away");
      taken.set(draw.key, (taken.get(draw.key) ?? 0) + draw.amount);
      return grantOf(draw, taken.get(draw.key) ?? 0, 30_000);
    },
    close: () => Promise.resolve(),
  };
  return store;
}

async function count(limiter: RateLimiter, subjects: RateSubject[], times: number): Promise<number> {
  const verdicts = await Promise.all(Array.from({ length: times }, () => limiter.take(subjects)));
  return verdicts.filter((verdict) => verdict?.isAllowed).length;
}

describe("one process by itself", () => {
  it("says at once what is left, and refuses what is above the limit until the minute is over", () => {
    let now = 1_000;
    const limiter = new RateLimiter({ now: () => now });
    expect(limiter.take([key(2)])).toEqual({ isAllowed: true, policy: "key", limit: 2, remaining: 1, resetMs: RATE_WINDOW_MS });
    now += 10_000;
    expect(limiter.take([key(2)])).toMatchObject({ isAllowed: true, remaining: 0, resetMs: 50_000 });
    expect(limiter.take([key(2)])).toMatchObject({ isAllowed: false, remaining: 0, resetMs: 50_000 });
    expect(limiter.take([key(2, "another")])).toMatchObject({ isAllowed: true });
    now += 50_000;
    expect(limiter.take([key(2)])).toMatchObject({ isAllowed: true, remaining: 1 });
  });

  it("takes from nobody where one of several has none left, and tells of the one that is nearest to its limit", () => {
    const limiter = new RateLimiter({ now: () => 0 });
    const wide = key(10, "wide");
    const narrow = key(1, "narrow");
    expect(limiter.take([wide, narrow])).toMatchObject({ isAllowed: true, limit: 1 });
    expect(limiter.take([wide, narrow])).toMatchObject({ isAllowed: false, limit: 1 });
    expect(limiter.take([wide])).toMatchObject({ remaining: 8 });
  });

  it("has nothing to say where nothing is limited", () => {
    expect(new RateLimiter().take([])).toBeUndefined();
  });

  it("heeds a limit that is changed in the middle of a minute", () => {
    const limiter = new RateLimiter({ now: () => 0 });
    for (let index = 0; index < 3; index++) limiter.take([key(10)]);
    expect(limiter.take([key(4)])).toMatchObject({ isAllowed: true, limit: 4, remaining: 0 });
    expect(limiter.take([key(4)])).toMatchObject({ isAllowed: false });
    expect(limiter.take([key(6)])).toMatchObject({ isAllowed: true, remaining: 1 });
  });

  it("counts a batch by its calls, and lets one through that is larger than a minute's budget", () => {
    const limiter = new RateLimiter({ now: () => 0 });
    expect(limiter.take([key(10)], 4)).toMatchObject({ remaining: 6 });
    expect(limiter.take([key(10)], 8)).toMatchObject({ isAllowed: false });
    expect(limiter.take([key(10, "batch")], 20)).toMatchObject({ isAllowed: true, remaining: 0 });
  });

  it("forgets the oldest in a flood, not the rest", () => {
    const limiter = new RateLimiter({ now: () => 0 });
    for (let index = 0; index < 50_001; index++) limiter.take([key(1, String(index))]);
    expect(limiter.take([key(1, "50000")])).toMatchObject({ isAllowed: false });
    expect(limiter.take([key(1, "0")])).toMatchObject({ isAllowed: true });
  });
});

describe("processes that share a store", () => {
  it("give out the limit between them and no more, with far fewer questions than requests", async () => {
    const store = fakeStore();
    const processes = [new RateLimiter({ store }), new RateLimiter({ store }), new RateLimiter({ store })];
    let allowed = 0;
    for (let round = 0; round < 200; round++) {
      for (const each of processes) allowed += await count(each, [key(1_200)], 3);
    }
    expect(allowed).toBeLessThanOrEqual(1_200);
    expect(allowed).toBeGreaterThan(1_190);
    expect(store.draws).toBeLessThan(150);
  });

  it("give out the limit when everyone comes at once", async () => {
    const store = fakeStore();
    const processes = [new RateLimiter({ store }), new RateLimiter({ store })];
    const allowed = await Promise.all(processes.map((each) => count(each, [key(100)], 500)));
    expect((allowed[0] as number) + (allowed[1] as number)).toBe(100);
  });

  it("answer without a promise as long as what they drew lasts", async () => {
    const limiter = new RateLimiter({ store: fakeStore() });
    await limiter.take([key(100)]);
    expect(limiter.take([key(100)])).toMatchObject({ isAllowed: true, remaining: 98 });
  });

  it("hold to the limit by themselves while the store is away, say so once, and share again when it is back", async () => {
    let now = 0;
    const store = fakeStore();
    const faults: unknown[] = [];
    const limiter = new RateLimiter({ store, now: () => now, onFault: (fault) => faults.push(fault) });
    store.isAway = true;
    expect(await count(limiter, [key(5)], 20)).toBe(5);
    // The store rests, so another's first request is not made to wait for it either.
    expect(limiter.take([key(5, "another")])).toMatchObject({ isAllowed: true });
    expect(faults).toHaveLength(1);
    store.isAway = false;
    now += RATE_WINDOW_MS;
    const draws = store.draws;
    expect(await limiter.take([key(5)])).toMatchObject({ isAllowed: true });
    expect(store.draws).toBe(draws + 1);
  });
});

it("refuses in words, with what the headers say", () => {
  const verdict: RateVerdict = { isAllowed: false, policy: "agent", limit: 60, remaining: 0, resetMs: 12_001 };
  expect(rateLimited(verdict)).toMatchObject({
    code: "rate_limited",
    message: "Callers of this agent together may make 60 requests a minute. Try again in 13 s.",
    retryAfterMs: 13_000,
    details: { policy: "agent", limit: 60, remaining: 0, resetSeconds: 13, windowSeconds: 60 },
  });
});
