import { standingSteps, type StepRecord } from "@heddle/schema";
import type { Pool } from "pg";
import { columnsOf, toLines, type Field } from "./journal-lines.ts";
import { packTrace, type Trace, unpackTrace } from "./packed-trace.ts";
import type { Pipeline } from "./pipeline.ts";
import { countOutcomes } from "./stats-statements.ts";

/** A row of `executions` as it is accepted. Json columns are JSON text already. */
export interface AcceptRow {
  id: string;
  workspaceId: string;
  /** Days. */
  retention: number;
  agentId: string;
  deploymentId: string | null;
  version: number | null;
  config: string | null;
  conversationId: string | null;
  trigger: string;
  /** Id of the trigger's node; null for the first that fits. */
  triggerNode: string | null;
  actor: string | null;
  input: string;
  startedAt: Date;
  priority: number;
  redriveOf: string | null;
  causedBy: string | null;
  /** `RUNNING` for a run of this process, `PENDING` for whoever claims it. */
  status: "PENDING" | "RUNNING";
  /** Not to be claimed before. */
  availableAt: Date | null;
}

/** What a run ended as. Json columns are JSON text already. */
export interface OutcomeRow {
  status: "COMPLETED" | "FAILED" | "CANCELLED";
  output: string | null;
  error: string | null;
  inputTokens: number;
  outputTokens: number;
  costUsd: number | null;
  /** ms */
  latency: number;
  stepCount: number;
}

/** A lease on an execution: a write under an older epoch is refused. */
export interface Lease {
  workspaceId: string;
  id: string;
  epoch: number;
}

/** Steps that are written together. */
export interface StepsRow extends Lease {
  /** Position among the run's parts; see {@link partNumber}. */
  part: number;
  steps: StepRecord[];
}

export type FinishRow = StepsRow & OutcomeRow & { /** Whether no part was written before by this lease. */ isFirstPart: boolean };

/** A whole run, from its acceptance to its outcome. */
export interface CompleteRow {
  request: Omit<AcceptRow, "status" | "availableAt">;
  outcome: OutcomeRow;
  steps: StepRecord[];
}

/** Parts of later leases come after those of earlier ones. */
export function partNumber(epoch: number, count: number): number {
  return epoch * 1_000_000 + count;
}

const REQUEST_COLUMNS = {
  id: "uuid",
  workspace_id: "uuid",
  retention: "smallint",
  agent_id: "uuid",
  deployment_id: "uuid",
  version: "int",
  config: "json",
  conversation_id: "text",
  trigger: "text",
  trigger_node: "text",
  actor: "text",
  input: "json",
  started_at: "timestamptz",
  priority: "smallint",
  redrive_of: "uuid",
  caused_by: "uuid",
};
const REQUEST_NAMES = Object.keys(REQUEST_COLUMNS).join(", ");

function requestFields(row: Omit<AcceptRow, "status" | "availableAt">): Field[] {
  return [
    row.id, row.workspaceId, row.retention, row.agentId, row.deploymentId, row.version, row.config, row.conversationId, row.trigger,
    row.triggerNode, row.actor, row.input, isoTime(row.startedAt), row.priority, row.redriveOf, row.causedBy,
  ]; // prettier-ignore
}

let latest = { ms: Number.NaN, text: "" };

/** A time as PostgreSQL reads it. Runs mostly begin in the millisecond in which others do, and writing it out takes a µs. */
function isoTime(time: Date): string {
  const ms = time.getTime();
  if (ms !== latest.ms) latest = { ms, text: time.toISOString() };
  return latest.text;
}

const OUTCOME_COLUMNS = {
  status: "text",
  output: "json",
  error: "json",
  input_tokens: "int",
  output_tokens: "int",
  cost_usd: "float8",
  latency: "int",
  steps: "int",
  trace: "json",
};
const OUTCOME_NAMES = Object.keys(OUTCOME_COLUMNS).join(", ");

function outcomeFields(row: OutcomeRow, trace: string | null): Field[] {
  return [
    row.status, row.output, row.error, row.inputTokens, row.outputTokens, row.costUsd, row.latency, row.stepCount, trace,
  ]; // prettier-ignore
}

function completeFields({ request, outcome, steps }: CompleteRow, more: Field[]): Field[][] {
  return [requestFields(request), outcomeFields(outcome, packTrace(steps)), more];
}

/** Null where there are none. */
function stepsText(steps: readonly StepRecord[]): string | null {
  return steps.length === 0 ? null : JSON.stringify(steps);
}

/** Inserts accepted executions; those that run already are leased to `owner` for `leaseMs`. */
export async function insertExecutions(pool: Pick<Pool, "query">, rows: AcceptRow[], owner: string, leaseMs: number): Promise<void> {
  const lines = toLines(rows.map((row) => [requestFields(row), [row.status, row.availableAt?.toISOString() ?? null]]));
  await pool.query({ name: "journal-accept", text: ACCEPT, values: [lines, owner, leaseMs / 1_000] });
}

const ACCEPT = `
WITH v AS (${columnsOf(1, { ...REQUEST_COLUMNS, status: "text", available_at: "timestamptz" })})
INSERT INTO executions (${REQUEST_NAMES}, status, lease_owner, lease_epoch, lease_expires_at)
SELECT ${REQUEST_NAMES}, status,
  CASE status WHEN 'RUNNING' THEN $2::uuid END,
  CASE status WHEN 'RUNNING' THEN 1 ELSE 0 END,
  CASE status WHEN 'RUNNING' THEN now() + make_interval(secs => $3) ELSE coalesce(available_at, now()) END
FROM v`;

/**
 * Inserts runs that have ended already, with their steps and outcomes; those that are told are written to the outbox too.
 * Where none is, nothing is spent on it.
 */
export async function insertCompleted(pipeline: Pipeline, rows: CompleteRow[], slot: number, told?: readonly boolean[]): Promise<void> {
  const lines = toLines(rows.map((row, index) => completeFields(row, toldField(told, index))));
  const query = told === undefined ? { name: "journal-complete", text: COMPLETE } : { name: "journal-complete-told", text: COMPLETE_TOLD };
  await pipeline.query({ ...query, values: [lines, slot] });
}

/** Runs that have ended, with their steps and outcomes, as text that {@link insertLogged} inserts later. */
export function loggedRuns(rows: CompleteRow[]): string {
  const completedAt = [isoTime(new Date())];
  return toLines(rows.map((row) => completeFields(row, completedAt)));
}

/**
 * Inserts logged runs. Where some may be there already, logged by a process that did not live to note that they landed, those
 * are left alone (`isAgain`), which costs a third more.
 */
export async function insertLogged(pool: Pool, lines: Buffer, slot: number, { isAgain = false } = {}): Promise<void> {
  const query = isAgain ? { name: "journal-logged-again", text: LOGGED_AGAIN } : { name: "journal-logged", text: LOGGED };
  await pool.query({ ...query, values: [lines, slot] });
}

const ENDED_NAMES = `${REQUEST_NAMES}, ${OUTCOME_NAMES}, completed_at, lease_epoch`;
/** SQL that inserts runs which have ended and counts them, given what `v` has beside them and what else is done. */
const completeText = ({ completedAt = "now()", more = {}, also = "", counted = "v", onConflict = "" }): string => `
WITH v AS MATERIALIZED (${columnsOf(1, { ...REQUEST_COLUMNS, ...OUTCOME_COLUMNS, ...more })}), completed AS (
  INSERT INTO executions (${ENDED_NAMES}) SELECT ${REQUEST_NAMES}, ${OUTCOME_NAMES}, ${completedAt}, 1 FROM v ${onConflict}
)${also}
${countOutcomes(counted, "$2")}`;
const COMPLETE = completeText({});
const COMPLETE_TOLD = completeText({ more: { is_told: "bool" }, also: `, told AS (${tell("v")})` });
// An older version may have left such lines: what is new goes to their end, where theirs have nothing.
const LOGGED_COLUMNS = { more: { completed_at: "timestamptz" }, completedAt: "completed_at" };
const LOGGED = completeText(LOGGED_COLUMNS);
const LOGGED_AGAIN = completeText({
  ...LOGGED_COLUMNS,
  onConflict: `ON CONFLICT DO NOTHING
  RETURNING workspace_id, agent_id, deployment_id, status, latency, input_tokens, output_tokens, cost_usd`,
  counted: "completed",
});

/** SQL that writes the outcomes of told rows to the outbox. */
function tell(rows: string): string {
  return `INSERT INTO execution_outbox (workspace_id, execution_id, event)
  SELECT workspace_id, id, 'execution.' || lower(status) FROM ${rows} WHERE is_told ON CONFLICT DO NOTHING`;
}

function toldField(told: readonly boolean[] | undefined, index: number): Field[] {
  return told === undefined ? NOTHING : [told[index] === true ? "t" : "f"];
}

const NOTHING: Field[] = [];

const LEASE_COLUMNS = { workspace_id: "uuid", id: "uuid", epoch: "int" };

function leaseFields(row: Lease): Field[] {
  return [row.workspaceId, row.id, row.epoch];
}

/** SQL that joins `executions e` with leases `v` that still hold. */
export const HOLDS =
  "e.workspace_id = v.workspace_id AND e.id = v.id AND e.lease_epoch = v.epoch AND e.status IN ('PENDING', 'RUNNING', 'WAITING')";

/** Appends steps to runs whose lease still holds. @returns for each row whether it did */
export async function insertSteps(pool: Pool, rows: StepsRow[]): Promise<boolean[]> {
  const lines = toLines(rows.map((row) => [[...leaseFields(row), row.part, JSON.stringify(row.steps)]]));
  const { rows: held } = await pool.query<WrittenPart>({ name: "journal-steps", text: STEPS, values: [lines] });
  return answerByPart(rows, held);
}

const STEPS = `
WITH v AS (${columnsOf(1, { ...LEASE_COLUMNS, part: "int", steps: "json" })}), held AS (
  SELECT e.workspace_id, e.id, e.retention, v.part, v.steps FROM v JOIN executions e ON ${HOLDS} FOR SHARE OF e
), written AS (
  INSERT INTO execution_traces (workspace_id, execution_id, retention, part, steps)
  SELECT workspace_id, id, retention, part, steps FROM held
  ON CONFLICT DO NOTHING
)
SELECT id, part FROM held`;

/** Writes outcomes with the steps that are left, where the lease still holds, and {@link insertCompleted}'s `told`. @returns for each row whether it did */
export async function finishExecutions(pool: Pool, rows: FinishRow[], slot: number, told?: readonly boolean[]): Promise<boolean[]> {
  const lines = toLines(
    rows.map((row, index) => [
      [...leaseFields(row), row.part, row.isFirstPart ? "t" : "f"],
      outcomeFields(row, row.isFirstPart ? packTrace(row.steps) : stepsText(row.steps)),
      toldField(told, index),
    ]),
  );
  const query = told === undefined ? { name: "journal-finish", text: FINISH } : { name: "journal-finish-told", text: FINISH_TOLD };
  const { rows: done } = await pool.query<WrittenPart>({ ...query, values: [lines, slot] });
  return answerByPart(rows, done);
}

const finishText = (isTold: boolean): string => `
WITH v AS (${columnsOf(1, { ...LEASE_COLUMNS, part: "int", is_first_part: "bool", ...OUTCOME_COLUMNS, ...(isTold ? { is_told: "bool" } : {}) })}), done AS (
  UPDATE executions e SET
    status = v.status, output = v.output, error = v.error, input_tokens = v.input_tokens, output_tokens = v.output_tokens,
    cost_usd = v.cost_usd, latency = v.latency, steps = v.steps, trace = CASE WHEN v.is_first_part THEN v.trace END,
    completed_at = now(), lease_owner = NULL, lease_expires_at = NULL
  FROM v WHERE ${HOLDS}
  RETURNING e.workspace_id, e.id, e.retention, e.agent_id, e.deployment_id, e.status, e.latency, e.input_tokens, e.output_tokens, e.cost_usd,
    v.part, CASE WHEN NOT v.is_first_part THEN v.trace END AS steps${isTold ? ", v.is_told" : ""}
), written AS (
  INSERT INTO execution_traces (workspace_id, execution_id, retention, part, steps)
  SELECT workspace_id, id, retention, part, steps FROM done WHERE steps IS NOT NULL
  ON CONFLICT DO NOTHING
)${isTold ? `, told AS (${tell("done")})` : ""}, counted AS (${countOutcomes("done", "$2")})
SELECT id, part FROM done`;
const FINISH = finishText(false);
const FINISH_TOLD = finishText(true);

/** The recorded steps of a run that stand, in the order in which they ended. */
export async function selectSteps(pool: Pick<Pool, "query">, workspaceId: string, executionId: string): Promise<StepRecord[]> {
  const { rows } = await pool.query<{ steps: Trace }>({ name: "journal-load", text: LOAD, values: [workspaceId, executionId] });
  return standingSteps(rows.flatMap(({ steps }) => unpackTrace(steps)));
}

const LOAD = `
SELECT steps FROM (
  SELECT part, steps FROM execution_traces WHERE workspace_id = $1 AND execution_id = $2
  UNION ALL
  SELECT 2147483647, trace FROM executions WHERE workspace_id = $1 AND id = $2 AND trace IS NOT NULL
) AS parts ORDER BY part`;

type WrittenPart = Pick<StepsRow, "id" | "part">;

/** A batch may hold rows of one run under an old lease and a new one, and two outcomes of it: parts tell them apart. */
function answerByPart(rows: readonly WrittenPart[], written: readonly WrittenPart[]): boolean[] {
  const parts = new Set(written.map(({ id, part }) => `${id} ${part}`));
  return rows.map(({ id, part }) => parts.has(`${id} ${part}`));
}
