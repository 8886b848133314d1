import type { Pool } from "pg";

/** Runs that a worker may be ahead of another that could take them. With 20, a tenth fewer runs were done in a second. */
const MAX_AHEAD = 40;
/** Runs that a worker catches up with at most, having been too busy to take them. */
const MAX_BEHIND = 200;
/** How long a worker that asked for runs is taken to want more, s. Longer than a new one is held up by loading its code. */
const WANTS_S = 1;
/** A worker with more of its slots taken is too busy to be waited for, unless the one that would wait is as busy. */
const MAX_BUSY = 0.5;
/** In which time runs that were taken come to count a third, s. */
const FADES_S = 10;

const LOAD = `load * exp(extract(epoch FROM asked_at - statement_timestamp()) / ${FADES_S})`;
const LOADS = `other AS MATERIALIZED (
  SELECT ${LOAD} AS load, busy FROM queue_workers
  WHERE owner <> $1 AND asked_at > statement_timestamp() - interval '${WANTS_S} s'
), mine AS MATERIALIZED (
  SELECT greatest(
    (SELECT max(load) FROM other) - ${MAX_BEHIND},
    (SELECT ${LOAD} FROM queue_workers WHERE owner = $1),
    0
  ) AS load
)`;

/**
 * Workers take turns: by what they took lately, none runs ahead of another that asks for runs too and has room for them.
 * Begins a query, in which `turn.most` is how many runs the worker $1 may take now, $2 of whose slots are taken (of 1); there
 * is no such row where it need not wait for anybody.
 */
export const TURN = `${LOADS}, turn AS (
  SELECT greatest(0, floor(min(load) + ${MAX_AHEAD} - (SELECT load FROM mine)))::int AS most
  FROM other WHERE busy <= greatest($2, ${MAX_BUSY}) HAVING count(*) > 0
)`;

/** Begins a query that keeps what the worker $1 has taken: $3 runs, and $2 of its slots. */
export const TURN_TAKEN = `${LOADS}, noted AS (
  INSERT INTO queue_workers (owner, load, busy, asked_at) SELECT $1, load + $3, $2, statement_timestamp() FROM mine
  ON CONFLICT (owner) DO UPDATE SET load = excluded.load, busy = excluded.busy, asked_at = excluded.asked_at
)`;

/** Announces a worker that is about to ask for runs, as one that has taken no fewer than the others. */
export async function joinQueue(pool: Pool, owner: string): Promise<void> {
  await pool.query({
    name: "queue-join",
    text: `WITH ${LOADS} INSERT INTO queue_workers (owner, load, busy, asked_at)
      SELECT $1, coalesce(max(load), 0), 0, statement_timestamp() FROM other ON CONFLICT (owner) DO NOTHING`,
    values: [owner],
  });
}

/** Nobody waits any longer for a worker that takes no more runs, nor keeps what those did that have been away for long. */
export async function leaveQueue(pool: Pool, owner: string): Promise<void> {
  await pool.query({
    name: "queue-leave",
    text: "DELETE FROM queue_workers WHERE owner = $1 OR asked_at < now() - interval '1 hour'",
    values: [owner],
  });
}
