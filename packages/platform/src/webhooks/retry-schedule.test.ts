import { expect, it } from "vitest";
import { MAX_ATTEMPTS, waitAfter } from "./retry-schedule.ts";

const HOUR = 3_600_000;
const waits = (random: number) => Array.from({ length: MAX_ATTEMPTS - 1 }, (_, index) => waitAfter(index + 1, { random }) ?? 0);

it("makes ten attempts over about three days", () => {
  const total = waits(0.5).reduce((sum, wait) => sum + wait, 0);
  expect(MAX_ATTEMPTS).toBe(10);
  expect(total / HOUR).toBeCloseTo(75.6, 1);
  expect(waitAfter(MAX_ATTEMPTS, { random: 0.5 })).toBeUndefined();
});

it("begins after five seconds and waits longer each time", () => {
  expect(waits(0.5).slice(0, 3)).toEqual([5_000, 300_000, 1_800_000]);
  expect(waits(0.5)).toEqual(waits(0.5).toSorted((a, b) => a - b));
});

it("spreads each wait by a tenth to either side", () => {
  expect([waitAfter(1, { random: 0 }), waitAfter(1, { random: 1 })]).toEqual([4_500, 5_500]);
});

it("never comes back earlier than it was asked to, and never waits more than about a day for it", () => {
  for (const random of [0, 0.5, 1]) {
    expect(waitAfter(1, { random, retryAfterMs: 120_000 })).toBeGreaterThanOrEqual(120_000);
    expect(waitAfter(1, { random, retryAfterMs: 9e12 })).toBeLessThanOrEqual(24 * HOUR * 1.1);
  }
  expect(waitAfter(5, { random: 0.5, retryAfterMs: 1_000 })).toBe(5 * HOUR);
});
