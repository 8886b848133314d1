import { createHash } from "node:crypto";
import { HeddleError } from "@heddle/schema";
import type { Pool } from "pg";

/** How often something may be tried within a window of time. */
export interface GuessLimit {
  /** What is counted, for example `login.account`. */
  name: string;
  /** Whose tries: an address, an e-mail. Kept as a hash only. */
  subject: string;
  limit: number;
  windowMs: number;
}

/** Counts tries in the database, so that every process and every restart counts on. */
export interface GuessLimiter {
  /** Counts one try everywhere before it is made, so that parallel tries can't slip through. @throws HeddleError rate_limited */
  consume(limits: GuessLimit[]): Promise<void>;
  /** Takes a try back that turned out to be no guess. */
  refund(limits: GuessLimit[]): Promise<void>;
  /** Forgets all tries. */
  reset(limits: GuessLimit[]): Promise<void>;
}

export function createGuessLimiter(pool: Pool): GuessLimiter {
  return {
    consume: async (limits) => {
      const keyed = new Map(limits.map((limit) => [keyOf(limit), limit]));
      // Sorted, so that two requests with the same keys lock them in the same order.
      const keys = [...keyed.keys()].toSorted();
      const { rows } = await pool.query<{ key: string; count: number; waitMs: number }>(CONSUME, [
        keys,
        keys.map((key) => (keyed.get(key)?.windowMs ?? 0) / 1_000),
      ]);
      const over = rows.filter((row) => row.count > (keyed.get(row.key)?.limit ?? 0));
      if (over.length === 0) return;
      const waitMs = Math.max(...over.map((row) => row.waitMs), 1_000);
      const minutes = Math.ceil(waitMs / 60_000);
      const { limit = 0, windowMs = 0 } = keyed.get(over[0]?.key ?? "") ?? {};
      throw new HeddleError("rate_limited", `Too many tries. Try again in ${minutes === 1 ? "a minute" : `${minutes} minutes`}.`, {
        retryAfterMs: waitMs,
        details: { policy: "tries", limit, remaining: 0, resetSeconds: Math.ceil(waitMs / 1_000), windowSeconds: windowMs / 1_000 },
      });
    },
    refund: async (limits) => {
      await pool.query("UPDATE rate_limits SET count = greatest(count - 1, 0) WHERE key = ANY ($1)", [limits.map(keyOf)]);
    },
    reset: async (limits) => {
      await pool.query("DELETE FROM rate_limits WHERE key = ANY ($1) OR expires_at < now() - interval '1 day'", [limits.map(keyOf)]);
    },
  };
}

const CONSUME = `
INSERT INTO rate_limits (key, count, expires_at)
SELECT key, 1, now() + make_interval(secs => seconds) FROM unnest($1::text[], $2::float8[]) AS asked(key, seconds)
ON CONFLICT (key) DO UPDATE SET
  count = CASE WHEN rate_limits.expires_at <= now() THEN 1 ELSE rate_limits.count + 1 END,
  expires_at = CASE WHEN rate_limits.expires_at <= now() THEN excluded.expires_at ELSE rate_limits.expires_at END
RETURNING key, count, (extract(epoch FROM expires_at - now()) * 1000)::float8 AS "waitMs"`;

function keyOf({ name, subject }: GuessLimit): string {
  return `${name}:${createHash("sha256").update(subject).digest("base64url")}`;
}
