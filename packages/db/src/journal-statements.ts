import type { StepRecord } from "@heddle/schema";
import type { Pool } from "pg";

/** A row of `executions` as it is accepted. Json columns are JSON text already. */
export interface AcceptRow {
  id: string;
  workspaceId: string;
  agentId: string;
  deploymentId: string | null;
  version: number | null;
  config: string | null;
  conversationId: string | null;
  trigger: string;
  actor: string | null;
  input: string;
  status: "PENDING" | "RUNNING";
  startedAt: Date;
}

/** A lease on an execution: a write under an older epoch is refused. */
export interface Lease {
  workspaceId: string;
  id: string;
  epoch: number;
}

export interface StepsRow extends Lease {
  steps: StepRecord[];
}

export interface FinishRow extends StepsRow {
  status: "COMPLETED" | "FAILED" | "CANCELLED";
  output: string | null;
  error: string | null;
  inputTokens: number;
  outputTokens: number;
  costUsd: number | null;
  latency: number;
  stepCount: number;
}

/** Inserts accepted executions; those that run already are leased to `owner` for `leaseMs`. */
export async function insertExecutions(pool: Pool, rows: AcceptRow[], owner: string, leaseMs: number): Promise<void> {
  await pool.query({
    name: "journal-accept",
    text: ACCEPT,
    values: [
      rows.map((row) => row.id),
      rows.map((row) => row.workspaceId),
      rows.map((row) => row.agentId),
      rows.map((row) => row.deploymentId),
      rows.map((row) => row.version),
      rows.map((row) => row.config),
      rows.map((row) => row.conversationId),
      rows.map((row) => row.trigger),
      rows.map((row) => row.actor),
      rows.map((row) => row.input),
      rows.map((row) => row.status),
      rows.map((row) => row.startedAt.toISOString()),
      owner,
      leaseMs / 1_000,
    ],
  });
}

const ACCEPT = `
INSERT INTO executions (id, workspace_id, agent_id, deployment_id, version, config, conversation_id, trigger, actor, input, status,
  started_at, lease_owner, lease_epoch, lease_expires_at)
SELECT v.*,
  CASE v.status WHEN 'RUNNING' THEN $13::uuid END,
  CASE v.status WHEN 'RUNNING' THEN 1 ELSE 0 END,
  CASE v.status WHEN 'RUNNING' THEN now() + make_interval(secs => $14) ELSE now() END
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::int[], $6::json[], $7::text[], $8::text[], $9::text[], $10::json[],
  $11::text[], $12::timestamptz[])
  AS v(id, workspace_id, agent_id, deployment_id, version, config, conversation_id, trigger, actor, input, status, started_at)`;

/** Appends steps to runs whose lease still holds. @returns for each row whether it did */
export async function insertSteps(pool: Pool, rows: StepsRow[]): Promise<boolean[]> {
  const { rows: held } = await pool.query<{ id: string }>({
    name: "journal-steps",
    text: STEPS,
    values: [...leaseColumns(rows), ...stepColumns(rows)],
  });
  return answerById(rows, held);
}

const HOLDS =
  "e.workspace_id = v.workspace_id AND e.id = v.id AND e.lease_epoch = v.epoch AND e.status IN ('PENDING', 'RUNNING', 'WAITING')";

// A step that is recorded already keeps its first outcome: a resumed run has built on it.
const STEPS = `
WITH held AS (
  SELECT e.workspace_id, e.id FROM unnest($1::uuid[], $2::uuid[], $3::int[]) AS v(workspace_id, id, epoch)
  JOIN executions e ON ${HOLDS} FOR SHARE OF e
), written AS (
  INSERT INTO execution_traces (workspace_id, execution_id, key, node_id, type, data, timestamp)
  SELECT held.workspace_id, held.id, s.key, s.node_id, s.type, s.data, s.at
  FROM unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::json[], $9::timestamptz[]) AS s(id, key, node_id, type, data, at)
  JOIN held ON held.id = s.id
  ON CONFLICT DO NOTHING
)
SELECT id FROM held`;

/** Writes outcomes with the steps that are left, where the lease still holds. @returns for each row whether it did */
export async function finishExecutions(pool: Pool, rows: FinishRow[]): Promise<boolean[]> {
  const { rows: done } = await pool.query<{ id: string }>({
    name: "journal-finish",
    text: FINISH,
    values: [
      ...leaseColumns(rows),
      ...stepColumns(rows),
      rows.map((row) => row.status),
      rows.map((row) => row.output),
      rows.map((row) => row.error),
      rows.map((row) => row.inputTokens),
      rows.map((row) => row.outputTokens),
      rows.map((row) => row.costUsd),
      rows.map((row) => row.latency),
      rows.map((row) => row.stepCount),
    ],
  });
  return answerById(rows, done);
}

const FINISH = `
WITH done AS (
  UPDATE executions e SET
    status = v.status, output = v.output, error = v.error, input_tokens = v.input_tokens, output_tokens = v.output_tokens,
    tokens_used = v.input_tokens + v.output_tokens, cost_usd = v.cost_usd, latency = v.latency, steps = v.step_count,
    completed_at = now(), lease_owner = NULL, lease_expires_at = NULL
  FROM unnest($1::uuid[], $2::uuid[], $3::int[], $10::text[], $11::json[], $12::json[], $13::int[], $14::int[], $15::float8[], $16::int[],
    $17::int[]) AS v(workspace_id, id, epoch, status, output, error, input_tokens, output_tokens, cost_usd, latency, step_count)
  WHERE ${HOLDS}
  RETURNING e.workspace_id, e.id
), written AS (
  INSERT INTO execution_traces (workspace_id, execution_id, key, node_id, type, data, timestamp)
  SELECT done.workspace_id, done.id, s.key, s.node_id, s.type, s.data, s.at
  FROM unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::json[], $9::timestamptz[]) AS s(id, key, node_id, type, data, at)
  JOIN done ON done.id = s.id
  ON CONFLICT DO NOTHING
)
SELECT id FROM done`;

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

// A row that is locked is being finished: it needs no renewal.
const RENEW = `
WITH v AS (
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[]) AS v(workspace_id, id, epoch)
), held AS (
  SELECT e.workspace_id, e.id FROM v JOIN executions e ON ${HOLDS} FOR UPDATE OF e SKIP LOCKED
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
  config: unknown;
  conversationId: string | null;
  trigger: string;
  actor: string | null;
  input: unknown;
  startedAt: Date;
  epoch: number;
  isCancelled: boolean;
}

/** Takes over runs that wait to be started or whose owner has stopped renewing, oldest first. */
export async function claimExpired(pool: Pool, owner: string, leaseMs: number, limit: number): Promise<ClaimedRow[]> {
  const { rows } = await pool.query<ClaimedRow>({ name: "journal-claim", text: CLAIM, values: [owner, leaseMs / 1_000, limit] });
  return rows;
}

const CLAIM = `
WITH due AS (
  SELECT workspace_id, id FROM executions WHERE status IN ('PENDING', 'RUNNING') AND lease_expires_at <= now()
  ORDER BY lease_expires_at LIMIT $3 FOR UPDATE SKIP LOCKED
)
UPDATE executions e SET status = 'RUNNING', lease_owner = $1, lease_epoch = e.lease_epoch + 1,
  lease_expires_at = now() + make_interval(secs => $2)
FROM due WHERE e.workspace_id = due.workspace_id AND e.id = due.id
RETURNING e.id, e.workspace_id AS "workspaceId", e.agent_id AS "agentId", e.deployment_id AS "deploymentId", e.version, e.config,
  e.conversation_id AS "conversationId", e.trigger, e.actor, e.input, e.started_at AS "startedAt", e.lease_epoch AS epoch,
  e.cancel_requested_at IS NOT NULL AS "isCancelled"`;

/** Lets leases run out at once, so that another process can go on. */
export async function releaseLeases(pool: Pool, leases: Lease[]): Promise<void> {
  await pool.query({
    name: "journal-release",
    text: `UPDATE executions e SET lease_expires_at = now()
      FROM unnest($1::uuid[], $2::uuid[], $3::int[]) AS v(workspace_id, id, epoch) WHERE ${HOLDS}`,
    values: leaseColumns(leases),
  });
}

/** Lets the leases of all other owners run out at once. */
export async function expireForeignLeases(pool: Pool, owner: string): Promise<void> {
  await pool.query({
    name: "journal-expire",
    text: `UPDATE executions SET lease_expires_at = now()
      WHERE status IN ('PENDING', 'RUNNING') AND lease_expires_at > now() AND lease_owner IS DISTINCT FROM $1`,
    values: [owner],
  });
}

/** The recorded steps of a run, in the order in which they began. */
export async function selectSteps(pool: Pool, workspaceId: string, executionId: string): Promise<StepRecord[]> {
  const { rows } = await pool.query<{ data: StepRecord }>({
    name: "journal-load",
    text: "SELECT data FROM execution_traces WHERE workspace_id = $1 AND execution_id = $2 ORDER BY timestamp, key",
    values: [workspaceId, executionId],
  });
  return rows.map((row) => row.data);
}

function leaseColumns(rows: Lease[]): unknown[] {
  return [rows.map((row) => row.workspaceId), rows.map((row) => row.id), rows.map((row) => row.epoch)];
}

function stepColumns(rows: StepsRow[]): unknown[] {
  const [ids, keys, nodes, types, data, times]: string[][] = [[], [], [], [], [], []];
  for (const { id, steps } of rows) {
    for (const step of steps) {
      ids?.push(id);
      keys?.push(step.key);
      nodes?.push(step.nodeId);
      types?.push(stepType(step));
      data?.push(JSON.stringify(step));
      times?.push(new Date(step.startedAt).toISOString());
    }
  }
  return [ids, keys, nodes, types, data, times];
}

function stepType(step: StepRecord): string {
  if (step.status === "failed") return "ERROR";
  return step.modelCalls !== undefined && step.modelCalls.length > 0 ? "LLM_CALL" : "STEP";
}

function answerById(rows: { id: string }[], answered: { id: string }[]): boolean[] {
  const ids = new Set(answered.map((row) => row.id));
  return rows.map((row) => ids.has(row.id));
}
