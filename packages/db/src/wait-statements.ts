import type { Json } from "@heddle/schema";
import type { Pool } from "pg";
import { HOLDS, type StepsRow } from "./journal-statements.ts";

/** What becomes of a run that its owner gives up without an outcome. */
export interface LeaveRow extends StepsRow {
  status: "PENDING" | "WAITING";
  /** When another process may take it; null where an answer from outside wakes it. */
  wakeAt: Date | null;
  /** Of the attempt that failed; JSON text. */
  error: string | null;
  failedAttempts: 0 | 1;
  waits: readonly WaitRow[];
}

/** A row of `execution_waits`. */
export interface WaitRow {
  /** The step that waits. */
  key: string;
  nodeId: string;
  kind: "time" | "webhook" | "approval";
  /** ms since the epoch */
  dueAt: number | null;
  /** What is asked for: title, message, form. */
  request: unknown;
}

/** Gives a run up for a time: its steps, its waits and its new status in one commit. @returns whether the lease held */
export async function leaveExecution(pool: Pool, row: LeaveRow): Promise<boolean> {
  const { workspaceId, id, waits } = row;
  const { rowCount } = await pool.query({
    name: "journal-leave",
    text: LEAVE,
    values: [
      workspaceId, id, row.epoch, row.status, row.wakeAt, row.error, row.failedAttempts, row.part,
      row.steps.length === 0 ? null : JSON.stringify(row.steps), ...waitColumns(waits),
    ],
  }); // prettier-ignore
  // An answer that was committed meanwhile found a run that was still going, and woke nobody.
  if (rowCount === 1 && waits.length > 0)
    await pool.query({ name: "journal-wake", text: WAKE, values: [workspaceId, id, waits.map(({ key }) => key)] });
  return rowCount === 1;
}

/** Functions that take JSON apart refuse characters that it may hold and that are kept like any others. */
function waitColumns(waits: readonly WaitRow[]): unknown[][] {
  return [
    waits.map(({ key }) => key), waits.map(({ nodeId }) => nodeId), waits.map(({ kind }) => kind), waits.map(({ dueAt }) => dueAt),
    waits.map(({ request }) => JSON.stringify(request)),
  ]; // prettier-ignore
}

/** SQL that reads {@link waitColumns}, the first of which is parameter `first`. */
function readWaits(first: number): string {
  const [key, nodeId, kind, dueAt, request] = [0, 1, 2, 3, 4].map((index) => `$${first + index}`);
  return `SELECT key, "nodeId", kind, "dueAt", request::json AS request
    FROM unnest(${key}::text[], ${nodeId}::text[], ${kind}::text[], ${dueAt}::float8[], ${request}::text[]) AS w(key, "nodeId", kind, "dueAt", request)`;
}

const INSERT_WAITS = `INSERT INTO execution_waits (workspace_id, execution_id, key, node_id, kind, due_at, request)
  SELECT held.workspace_id, held.id, w.key, w."nodeId", w.kind, to_timestamp(w."dueAt" / 1000), w.request FROM held, waiting w
  ON CONFLICT DO NOTHING`;

const LEAVE = `
WITH v AS (SELECT $1::uuid AS workspace_id, $2::uuid AS id, $3::int AS epoch), waiting AS (${readWaits(10)}), held AS (
  UPDATE executions e SET
    status = $4, error = $6::json, attempt = attempt + $7::smallint, lease_owner = NULL, lease_expires_at = $5::timestamptz
  FROM v WHERE ${HOLDS}
  RETURNING e.workspace_id, e.id, e.retention
), written AS (
  INSERT INTO execution_traces (workspace_id, execution_id, retention, part, steps)
  SELECT workspace_id, id, retention, $8::int, $9::json FROM held WHERE $9 IS NOT NULL
  ON CONFLICT DO NOTHING
), noted AS (${INSERT_WAITS})
SELECT id FROM held`;

const WAKE = `
UPDATE executions e SET lease_expires_at = now()
WHERE e.workspace_id = $1 AND e.id = $2 AND e.status = 'WAITING' AND EXISTS (
  SELECT FROM execution_waits w
  WHERE w.workspace_id = $1 AND w.execution_id = $2 AND w.key = ANY ($3::text[]) AND w.resolved_at IS NOT NULL
)`;

/** Notes a wait of a run that goes on: its answer may come while other branches run. */
export async function insertWait(pool: Pool, run: { workspaceId: string; id: string; epoch: number }, wait: WaitRow): Promise<void> {
  await pool.query({
    name: "journal-wait",
    text: `WITH v AS (SELECT $1::uuid AS workspace_id, $2::uuid AS id, $3::int AS epoch), waiting AS (${readWaits(4)}),
      held AS (SELECT e.workspace_id, e.id FROM executions e, v WHERE ${HOLDS} FOR SHARE OF e) ${INSERT_WAITS}`,
    values: [run.workspaceId, run.id, run.epoch, ...waitColumns([wait])],
  });
}

/** How somebody outside ends a wait. */
export interface WaitAnswer {
  workspaceId: string;
  executionId: string;
  /** The step that waits. */
  key: string;
  resolution: Json;
  resolvedBy: string | null;
}

/** Ends a wait, once, and makes its run due where it is suspended. @returns false where it has ended before, or never began */
export async function resolveWait(pool: Pool, { workspaceId, executionId, key, resolution, resolvedBy }: WaitAnswer): Promise<boolean> {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    // Its owner may be putting it away just now: one of the two comes first.
    const found = await client.query(
      "SELECT FROM executions WHERE workspace_id = $1 AND id = $2 AND status IN ('PENDING', 'RUNNING', 'WAITING') FOR UPDATE",
      [workspaceId, executionId],
    );
    const resolved = await client.query(
      `UPDATE execution_waits SET resolved_at = now(), resolution = $4::json, resolved_by = $5
       WHERE workspace_id = $1 AND execution_id = $2 AND key = $3 AND resolved_at IS NULL`,
      [workspaceId, executionId, key, JSON.stringify(resolution), resolvedBy],
    );
    const isResolved = found.rowCount === 1 && resolved.rowCount === 1;
    if (isResolved) {
      await client.query("UPDATE executions SET lease_expires_at = now() WHERE workspace_id = $1 AND id = $2 AND status = 'WAITING'", [
        workspaceId,
        executionId,
      ]);
    }
    await client.query(isResolved ? "COMMIT" : "ROLLBACK");
    client.release();
    return isResolved;
  } catch (error) {
    client.release(true);
    throw error;
  }
}

/** A wait that nobody has ended. */
export interface OpenWait extends WaitRow {
  workspaceId: string;
}

/** The open waits of an execution that is named from outside, whose workspace is not known yet. */
export async function selectOpenWaits(pool: Pool, executionId: string): Promise<OpenWait[]> {
  const { rows } = await pool.query<OpenWait>({
    name: "journal-open-waits",
    text: `SELECT workspace_id AS "workspaceId", key, node_id AS "nodeId", kind, extract(epoch FROM due_at)::float8 * 1000 AS "dueAt", request
      FROM execution_waits WHERE execution_id = $1 AND resolved_at IS NULL`,
    values: [executionId],
  });
  return rows;
}
