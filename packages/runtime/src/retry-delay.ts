import type { RetryPolicy } from "@heddle/schema";

/**
 * How long to wait before the next try, ms: exponential, half of it random so that runs that failed together do not
 * return together ("equal jitter", https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
 * A server's own Retry-After is never undercut.
 */
export function retryDelay(policy: RetryPolicy, failedAttempts: number, random: () => number, retryAfterMs = 0): number {
  const full = Math.min(policy.maxDelayMs, policy.initialDelayMs * policy.factor ** (failedAttempts - 1));
  return Math.max(retryAfterMs, Math.round(full * (0.5 + random() / 2)));
}
