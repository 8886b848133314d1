import type { Pool, PoolClient } from "pg";
import { CLAIMED_COLUMNS, type ClaimedRow, NOW } from "./lease-statements.ts";
import { TURN, TURN_TAKEN } from "./queue-turns.ts";

/** How many runs of a workspace may go on at once. */
export interface QueueLimits {
  workspace: number;
  /** Whether runs count that no worker took: those of callers who wait for their answer. */
  areCallsCounted: boolean;
  /** Of agents that have a limit of their own. */
  agents: ReadonlyMap<string, number>;
}

export interface QueueClaim {
  workspaceId: string;
  /** Names the leases. */
  owner: string;
  leaseMs: number;
  /** Most runs to take. */
  limit: number;
  /** Part of the owner's slots that is taken, from 0 to 1. */
  busy: number;
  limits: QueueLimits;
}

/** A run that was taken, and how many of its owners vanished in a row without having recorded a step. */
export interface QueuedRow extends ClaimedRow {
  crashes: number;
}

/** What a claim took. */
export interface QueueClaimed {
  rows: QueuedRow[];
  isMoreDue: boolean;
  /** Whether the owner took as much as is fair for now: another worker is there that could take more. */
  isAhead: boolean;
}

/**
 * Takes what is due in one workspace, by priority and age and within its limits. Runs whose owner has vanished and runs
 * that have waited long enough are put back into the queue first. One claim of a workspace at a time: its limits hold
 * whatever the number of workers.
 */
export async function claimQueued(pool: Pool, claim: QueueClaim): Promise<QueueClaimed> {
  const { workspaceId, owner, leaseMs, limit, busy, limits } = claim;
  return await inTransaction(pool, async (client) => {
    await client.query({
      name: "queue-lock",
      text: "SELECT pg_advisory_xact_lock(hashtextextended('claim ' || $1, 0))",
      values: [workspaceId],
    });
    const turn = await client.query<{ most: number }>({ name: "queue-turn", text: REQUEUE, values: [owner, busy, workspaceId] });
    const most = turn.rows[0]?.most ?? Infinity;
    const { rows } = await client.query<QueuedRow>({
      name: "queue-claim",
      text: CLAIM,
      values: [
        workspaceId, owner, leaseMs / 1_000, Math.min(limit, most), limits.workspace, limits.areCallsCounted, [...limits.agents.keys()], [...limits.agents.values()],
      ],
    }); // prettier-ignore
    const more = await client.query({ name: "queue-more", text: MORE, values: [owner, busy, rows.length, workspaceId] });
    return { rows, isMoreDue: more.rowCount === 1, isAhead: rows.length >= most };
  });
}

const DUE = `status = 'PENDING' AND lease_expires_at <= ${NOW}`;

// A step that the vanished owner recorded is progress: parts are numbered by leases, see partNumber. A run that was let go
// of has no owner.
const REQUEUE = `
WITH requeued AS (
  UPDATE executions e SET status = 'PENDING', lease_owner = NULL, crashes = CASE
    WHEN e.status = 'WAITING' OR e.lease_owner IS NULL THEN e.crashes
    WHEN EXISTS (
      SELECT FROM execution_traces t
      WHERE t.workspace_id = e.workspace_id AND t.execution_id = e.id AND t.part >= e.lease_epoch * 1000000
    ) THEN 1
    ELSE e.crashes + 1 END
  WHERE e.workspace_id = $3 AND e.status IN ('RUNNING', 'WAITING') AND e.lease_expires_at <= ${NOW}
), ${TURN} SELECT most FROM turn`;

// A run begins when it is first taken: what it may take in time does not pass in the queue.
// Where several workers run what the workspace may have at once, each takes its share of that: one that has more goes on
// one run at a time, so that nothing stands still while the others fill up.
// Agents at their limit are passed over altogether, so that their backlog does not stand before the others'.
const CLAIM = `
WITH held AS MATERIALIZED (
  SELECT agent_id, lease_owner FROM executions
  WHERE workspace_id = $1 AND status = 'RUNNING' AND lease_expires_at > now() AND ($6 OR claimed_at IS NOT NULL)
), running AS MATERIALIZED (
  SELECT agent_id, count(*)::int AS n FROM held GROUP BY agent_id
), share AS MATERIALIZED (
  SELECT ceil($5::float8 / (count(DISTINCT lease_owner) FILTER (WHERE lease_owner <> $2) + 1))::int AS fair,
    count(*) FILTER (WHERE lease_owner = $2)::int AS mine
  FROM held
), limited AS MATERIALIZED (
  SELECT l.agent_id, l.most - coalesce(r.n, 0) AS room
  FROM unnest($7::uuid[], $8::int[]) AS l(agent_id, most) LEFT JOIN running r USING (agent_id)
), candidate AS MATERIALIZED (
  SELECT e.workspace_id, e.id, e.agent_id, e.priority, e.lease_expires_at FROM executions e
  WHERE e.workspace_id = $1 AND e.status = 'PENDING' AND e.lease_expires_at <= ${NOW}
    AND e.agent_id <> ALL (ARRAY(SELECT agent_id FROM limited WHERE room <= 0))
  ORDER BY e.priority DESC, e.lease_expires_at, e.id LIMIT $4 FOR UPDATE SKIP LOCKED
), taken AS (
  SELECT c.workspace_id, c.id FROM (
    SELECT *, row_number() OVER (PARTITION BY agent_id ORDER BY priority DESC, lease_expires_at, id) AS nth FROM candidate
  ) c LEFT JOIN limited l USING (agent_id)
  WHERE l.room IS NULL OR c.nth <= l.room
  ORDER BY c.priority DESC, c.lease_expires_at, c.id
  LIMIT least(
    greatest(0, $5::int - (SELECT count(*) FROM held)),
    (SELECT greatest(fair - mine, 1) FROM share)
  )
)
UPDATE executions e SET status = 'RUNNING', lease_owner = $2, lease_epoch = e.lease_epoch + 1,
  lease_expires_at = now() + make_interval(secs => $3), claimed_at = now(),
  started_at = CASE WHEN e.lease_epoch = 0 THEN now() ELSE e.started_at END
FROM taken WHERE e.workspace_id = taken.workspace_id AND e.id = taken.id
RETURNING ${CLAIMED_COLUMNS}, e.crashes`;

const MORE = `WITH ${TURN_TAKEN} SELECT FROM executions WHERE workspace_id = $4 AND ${DUE} LIMIT 1`;

/** Workspaces in which something may be claimed now. */
export async function dueWorkspaces(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>({ name: "queue-due", text: DUE_WORKSPACES });
  return rows.map((row) => row.id);
}

const DUE_WORKSPACES = `
SELECT workspace_id AS id FROM executions WHERE ${DUE}
UNION
SELECT workspace_id FROM executions WHERE status IN ('RUNNING', 'WAITING') AND lease_expires_at <= ${NOW}`;

/** What waits in all workspaces together. */
export interface QueueDepth {
  /** Runs that may be claimed now. */
  due: number;
  /** Runs whose time has not come. */
  delayed: number;
  /** How long the oldest of the first has been due, ms; 0 where there is none. */
  oldestMs: number;
}

export async function queueDepth(pool: Pool): Promise<QueueDepth> {
  const { rows } = await pool.query<QueueDepth>({ name: "queue-depth", text: DEPTH });
  return rows[0] ?? { due: 0, delayed: 0, oldestMs: 0 };
}

const DEPTH = `
SELECT count(*) FILTER (WHERE lease_expires_at <= now())::int AS due, count(*) FILTER (WHERE lease_expires_at > now())::int AS delayed,
  greatest(0, coalesce(extract(epoch FROM now() - min(lease_expires_at)) * 1000, 0))::float8 AS "oldestMs"
FROM executions WHERE status = 'PENDING'`;

/** Takes one run that nobody works on, due or not: to end it. @returns none where somebody does, or where it has ended */
export async function claimIdle(
  pool: Pool,
  claim: { workspaceId: string; id: string; owner: string; leaseMs: number },
): Promise<ClaimedRow[]> {
  const { rows } = await pool.query<ClaimedRow>({
    name: "queue-claim-idle",
    text: `UPDATE executions e SET status = 'RUNNING', lease_owner = $3, lease_epoch = e.lease_epoch + 1,
        lease_expires_at = now() + make_interval(secs => $4)
      WHERE e.workspace_id = $1 AND e.id = $2 AND e.status IN ('PENDING', 'WAITING') RETURNING ${CLAIMED_COLUMNS}`,
    values: [claim.workspaceId, claim.id, claim.owner, claim.leaseMs / 1_000],
  });
  return rows;
}

/** Removes dead letters that have been kept long enough. */
export async function dropOldLetters(pool: Pool): Promise<void> {
  await pool.query({ name: "queue-letters", text: "DELETE FROM dead_letters WHERE expires_at < now()" });
}

async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let isBroken = false;
  try {
    await client.query("BEGIN");
    const result = await work(client);
    await client.query("COMMIT");
    return result;
  } catch (error) {
    await client.query("ROLLBACK").catch(() => (isBroken = true));
    throw error;
  } finally {
    client.release(isBroken);
  }
}
