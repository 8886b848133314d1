import { isRetryable, type ErrorInfo } from "@heddle/schema";

/** Attempts of an execution that nobody waits for, the first one included. */
export const MAX_ATTEMPTS = 5;
/** Owners in a row that may vanish with a run before it is taken for what ends them. */
export const MAX_CRASHES = 5;

const FIRST_DELAY_MS = 1_000;
const MAX_DELAY_MS = 100_000;
/** A server that wants to be left alone for longer is asked again all the same. */
const MAX_RETRY_AFTER_MS = 24 * 3_600_000;

/**
 * When a failed execution is tried again: after 1 s × 2 for each failure before, at most 100 s, anywhere up to that so
 * that many don't come back at once, and not before the time that a Retry-After named.
 * @param failures how often it has failed, this time included
 * @returns ms; undefined where it has failed for good
 */
export function retryDelay(error: ErrorInfo, failures: number, random: () => number): number | undefined {
  if (failures >= MAX_ATTEMPTS || !isRetryable(error)) return undefined;
  const spread = random() * Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (failures - 1));
  return Math.round(Math.max(spread, Math.min(error.retryAfterMs ?? 0, MAX_RETRY_AFTER_MS)));
}
