import { expect, test } from "vitest";
import { retryDelay } from "./retry-delay.ts";

const policy = { maxAttempts: 10, initialDelayMs: 1_000, factor: 2, maxDelayMs: 100_000 };

test.for([
  [1, 1_000],
  [2, 2_000],
  [7, 64_000],
  [8, 100_000],
  [9, 100_000],
])("after %i failed attempts the wait lies between half of %i ms and all of it", ([failed = 0, full = 0]) => {
  expect(retryDelay(policy, failed, () => 0)).toBe(full / 2);
  expect(retryDelay(policy, failed, () => 0.999_999)).toBeGreaterThan(full * 0.99);
  expect(retryDelay(policy, failed, () => 0.999_999)).toBeLessThanOrEqual(full);
});

test("Retry-After lengthens a wait and never shortens it", () => {
  expect(retryDelay(policy, 1, () => 1, 5_000)).toBe(5_000);
  expect(retryDelay(policy, 4, () => 1, 5_000)).toBe(8_000);
});
