import type { Json } from "@heddle/schema";
import type { Pool } from "pg";
import { HOLDS, type Lease } from "./journal-statements.ts";

/** Renews leases. @returns which were lost, and of which runs a cancel was asked for */
export async function renewLeases(
  pool: Pool,
  leases: Lease[],
  leaseMs: number,
): Promise<{ id: string; isLost: boolean; isCancelled: boolean }[]> {
  const { rows } = await pool.query<{ id: string; isLost: boolean; isCancelled: boolean }>({
    name: "journal-renew",
    text: RENEW,
    values: [...leaseColumns(leases), leaseMs / 1_000],
  });
  return rows;
}

// A row that is locked is being finished: it needs no renewal. One that its owner has let go of meanwhile is due when that
// says, under the same epoch until somebody takes it.
const RENEW = `
WITH v AS (
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[]) AS v(workspace_id, id, epoch)
), held AS (
  SELECT e.workspace_id, e.id FROM v JOIN executions e ON ${HOLDS}
  WHERE e.status = 'RUNNING' AND e.lease_owner IS NOT NULL FOR UPDATE OF e SKIP LOCKED
), renewed AS (
  UPDATE executions e SET lease_expires_at = now() + make_interval(secs => $4)
  FROM held WHERE e.workspace_id = held.workspace_id AND e.id = held.id
)
SELECT v.id, (e.id IS NULL OR NOT (${HOLDS})) AS "isLost", (e.cancel_requested_at IS NOT NULL) AS "isCancelled"
FROM v LEFT JOIN executions e ON e.workspace_id = v.workspace_id AND e.id = v.id
WHERE e.id IS NULL OR NOT (${HOLDS}) OR e.cancel_requested_at IS NOT NULL`;

/** A row of `executions` that a lease was taken on. */
export interface ClaimedRow {
  id: string;
  workspaceId: string;
  agentId: string;
  deploymentId: string | null;
  version: number | null;
  config: Json | null;
  conversationId: string | null;
  trigger: string;
  triggerNode: string | null;
  actor: string | null;
  input: Json;
  startedAt: Date;
  epoch: number;
  /** Attempts that failed before. */
  attempt: number;
  isCancelled: boolean;
}

/** Columns of {@link ClaimedRow}, of `executions e`. */
export const CLAIMED_COLUMNS = `e.id, e.workspace_id AS "workspaceId", e.agent_id AS "agentId", e.deployment_id AS "deploymentId", e.version, e.config,
  e.conversation_id AS "conversationId", e.trigger, e.trigger_node AS "triggerNode", e.actor, e.input, e.started_at AS "startedAt", e.lease_epoch AS epoch, e.attempt,
  e.cancel_requested_at IS NOT NULL AS "isCancelled"`;

/** Takes over runs that wait to be started or whose owner has stopped renewing, oldest first. */
export async function claimExpired(pool: Pool, owner: string, leaseMs: number, limit: number): Promise<ClaimedRow[]> {
  const { rows } = await pool.query<ClaimedRow>({ name: "journal-claim", text: CLAIM, values: [owner, leaseMs / 1_000, limit] });
  return rows;
}

/** The moment by which something has to be due. Times are kept to the ms and rounded up: a row of this moment is. */
export const NOW = "statement_timestamp() + interval '1 ms'";

const CLAIM = `
WITH due AS (
  SELECT workspace_id, id FROM executions
  WHERE status IN ('PENDING', 'RUNNING', 'WAITING') AND lease_expires_at <= ${NOW}
  ORDER BY lease_expires_at LIMIT $3 FOR UPDATE SKIP LOCKED
)
UPDATE executions e SET status = 'RUNNING', lease_owner = $1, lease_epoch = e.lease_epoch + 1,
  lease_expires_at = now() + make_interval(secs => $2)
FROM due WHERE e.workspace_id = due.workspace_id AND e.id = due.id
RETURNING ${CLAIMED_COLUMNS}`;

/** An answer to a wait of a suspended run. */
export interface ResolvedWait {
  /** The step that waits. */
  key: string;
  resolution: Json;
  resolvedBy: string | null;
}

/** What came for a run while it was suspended. */
export async function selectResolutions(pool: Pool, workspaceId: string, executionId: string): Promise<ResolvedWait[]> {
  const { rows } = await pool.query<ResolvedWait>({
    name: "journal-resolutions",
    text: `SELECT key, resolution, resolved_by AS "resolvedBy" FROM execution_waits
      WHERE workspace_id = $1 AND execution_id = $2 AND resolved_at IS NOT NULL`,
    values: [workspaceId, executionId],
  });
  return rows;
}

/** Lets leases run out at once, so that another process can go on. Without an owner, nobody takes it for a crash. */
export async function releaseLeases(pool: Pool, leases: Lease[]): Promise<void> {
  await pool.query({
    name: "journal-release",
    text: `UPDATE executions e SET lease_expires_at = now(), lease_owner = NULL
      FROM unnest($1::uuid[], $2::uuid[], $3::int[]) AS v(workspace_id, id, epoch) WHERE ${HOLDS}`,
    values: leaseColumns(leases),
  });
}

/** Lets the leases of all other owners run out at once. */
export async function expireForeignLeases(pool: Pool, owner: string): Promise<void> {
  await pool.query({
    name: "journal-expire",
    text: `UPDATE executions SET lease_expires_at = now()
      WHERE status = 'RUNNING' AND lease_expires_at > now() AND lease_owner IS DISTINCT FROM $1`,
    values: [owner],
  });
}

function leaseColumns(rows: Lease[]): unknown[] {
  return [rows.map((row) => row.workspaceId), rows.map((row) => row.id), rows.map((row) => row.epoch)];
}
