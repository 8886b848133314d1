import type { Pool } from "pg";
import { type Draw, type Drawn, grantOf, type RateStore } from "./rate-store.ts";

const CLEAN_EVERY_MS = 60_000;
/** Statements under way at once; draws that come meanwhile go together. */
const MAX_STATEMENTS = 2;

interface Waiting {
  draw: Draw;
  resolve: (drawn: Drawn) => void;
  reject: (error: unknown) => void;
}

/** Shares budgets by a table that is not logged. Draws of one moment are one statement. */
export function createPostgresRateStore(pool: Pool): RateStore {
  let waiting: Waiting[] = [];
  let statements = 0;
  let cleanedAt = performance.now();

  const flush = async (): Promise<void> => {
    if (statements >= MAX_STATEMENTS || waiting.length === 0) return;
    const { now, later } = withoutRepeats(waiting);
    waiting = later;
    statements++;
    try {
      const { rows } = await pool.query<{ key: string; taken: number; endsInMs: number }>(DRAW, [
        now.map(({ draw }) => draw.key),
        now.map(({ draw }) => draw.amount),
        now.map(({ draw }) => draw.windowMs / 1_000),
      ]);
      const byKey = new Map(rows.map((row) => [row.key, row]));
      for (const { draw, resolve } of now) {
        const row = byKey.get(draw.key);
        resolve(grantOf(draw, row?.taken ?? draw.limit, row?.endsInMs ?? draw.windowMs));
      }
    } catch (error) {
      for (const { reject } of now) reject(error);
    } finally {
      statements--;
      void flush();
    }
    if (performance.now() - cleanedAt < CLEAN_EVERY_MS) return;
    cleanedAt = performance.now();
    // What is left lying costs nothing but room; the next minute tries again.
    await pool.query(CLEAN).catch(() => undefined);
  };

  return {
    draw: (draw) =>
      new Promise((resolve, reject) => {
        waiting.push({ draw, resolve, reject });
        if (waiting.length === 1) setImmediate(() => void flush());
      }),
    // The pool is not ours.
    close: () => Promise.resolve(),
  };
}

/** Sorted, so that two processes lock the same rows in the same order. */
const DRAW = `
INSERT INTO rate_windows (key, taken, ends_at)
SELECT key, amount, now() + make_interval(secs => seconds)
FROM unnest($1::text[], $2::bigint[], $3::float8[]) AS asked(key, amount, seconds) ORDER BY key
ON CONFLICT (key) DO UPDATE SET
  taken = CASE WHEN rate_windows.ends_at <= now() THEN excluded.taken ELSE rate_windows.taken + excluded.taken END,
  ends_at = CASE WHEN rate_windows.ends_at <= now() THEN excluded.ends_at ELSE rate_windows.ends_at END
RETURNING key, taken::float8, (extract(epoch FROM ends_at - now()) * 1000)::float8 AS "endsInMs"`;
const CLEAN = `
DELETE FROM rate_windows WHERE key IN (SELECT key FROM rate_windows WHERE ends_at < now() - interval '1 minute' FOR UPDATE SKIP LOCKED)`;

/** One statement can't change a row twice. */
function withoutRepeats(all: readonly Waiting[]): { now: Waiting[]; later: Waiting[] } {
  const seen = new Set<string>();
  const now: Waiting[] = [];
  const later: Waiting[] = [];
  for (const each of all) {
    (seen.has(each.draw.key) ? later : now).push(each);
    seen.add(each.draw.key);
  }
  return { now, later };
}
