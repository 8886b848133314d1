const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Waits between the ten attempts, ms, as Standard Webhooks recommends: 75.6 hours in all. */
const WAITS = [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR];
/** No receiver may put a message off for longer than the longest wait. */
const MOST_ASKED = 24 * HOUR;
/** Spread around a wait, so that what failed together does not come back together. */
const JITTER = 0.1;

export const MAX_ATTEMPTS = WAITS.length + 1;

/**
 * How long to wait after so many failed attempts, ms; undefined where it is time to give up.
 * @param random 0…1
 */
export function waitAfter(attempts: number, { retryAfterMs = 0, random }: { retryAfterMs?: number; random: number }): number | undefined {
  const wait = WAITS[attempts - 1];
  if (wait === undefined) return undefined;
  const spread = wait * (1 + JITTER * (2 * random - 1));
  // Never earlier than the receiver asked for, and then also spread: all its senders were told the same.
  const asked = Math.min(retryAfterMs, MOST_ASKED) * (1 + JITTER * random);
  return Math.round(Math.max(spread, asked));
}
