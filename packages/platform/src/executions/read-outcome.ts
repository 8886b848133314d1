import type { Database } from "@heddle/db";
import type { LargeValues } from "../large-values/large-values.ts";
import { HeddleError, type ErrorInfo, type Json, type PendingWait, type RunOutcome, type RunSuspension } from "@heddle/schema";

/** Where outcomes are read. */
export interface OutcomeSource {
  db: Database;
  values: LargeValues;
}

/** How long an execution may be claimed and not yet accepted before its claimant is taken for dead, ms. */
const ACCEPT_WITHIN_MS = 2_000;
const POLL_EVERY_MS = 100;

/** Whether an execution was accepted; waits for one that is being accepted just now. */
export async function wasAccepted(source: OutcomeSource, workspaceId: string, executionId: string): Promise<boolean> {
  for (const deadline = Date.now() + ACCEPT_WITHIN_MS; ;) {
    if (await readOutcome(source, workspaceId, executionId)) return true;
    if (Date.now() >= deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, POLL_EVERY_MS));
  }
}

/** How an execution ends that runs here, elsewhere or no more. @throws HeddleError not_found */
export async function awaitEnd(source: OutcomeSource, workspaceId: string, executionId: string): Promise<RunOutcome | RunSuspension> {
  for (;;) {
    const found = await readOutcome(source, workspaceId, executionId);
    if (!found) throw new HeddleError("not_found", "There is no such execution.");
    if (found.outcome) return found.outcome;
    if (found.status === "WAITING") return await readSuspension(source.db, workspaceId, executionId);
    await new Promise((resolve) => setTimeout(resolve, POLL_EVERY_MS));
  }
}

/** The outcome of an execution, undefined while it has none; undefined as a whole where there is no such execution. */
export async function readOutcome(
  { db, values }: OutcomeSource,
  workspaceId: string,
  executionId: string,
): Promise<{ outcome: RunOutcome | undefined; status: string } | undefined> {
  const { rows } = await db.withWorkspace(workspaceId, (client) => client.query<OutcomeRow>(SELECT_OUTCOME, [workspaceId, executionId]));
  const [row] = rows;
  if (!row) return undefined;
  const facts = {
    usage: { inputTokens: row.inputTokens ?? 0, outputTokens: row.outputTokens ?? 0 },
    steps: row.steps ?? 0,
    durationMs: row.latency ?? 0,
  };
  if (row.status === "COMPLETED") {
    const output = await values.load({ workspaceId, executionId }, row.output);
    return { outcome: { status: "completed", output, ...facts }, status: row.status };
  }
  // The error of a run that will be tried again is no outcome.
  if (row.error === null || (row.status !== "FAILED" && row.status !== "CANCELLED")) return { outcome: undefined, status: row.status };
  return { outcome: { status: row.status === "CANCELLED" ? "cancelled" : "failed", error: row.error, ...facts }, status: row.status };
}

/** What a suspended execution waits for. */
async function readSuspension(db: Database, workspaceId: string, executionId: string): Promise<RunSuspension> {
  const { rows } = await db.withWorkspace(workspaceId, (client) =>
    client.query<{ key: string; nodeId: string; kind: string; dueAt: number | null; request: object }>(
      `SELECT key, node_id AS "nodeId", kind, extract(epoch FROM due_at)::float8 * 1000 AS "dueAt", request FROM execution_waits
       WHERE workspace_id = $1 AND execution_id = $2 AND resolved_at IS NULL ORDER BY created_at, key`,
      [workspaceId, executionId],
    ),
  );
  const waits = rows.map(({ dueAt, request, ...wait }) => ({ ...request, ...wait, ...(dueAt === null ? {} : { dueAt }) }) as PendingWait);
  return { status: "waiting", waits, usage: { inputTokens: 0, outputTokens: 0 }, steps: 0, durationMs: 0 };
}

interface OutcomeRow {
  status: string;
  output: Json;
  error: ErrorInfo | null;
  inputTokens: number | null;
  outputTokens: number | null;
  steps: number | null;
  latency: number | null;
}
const SELECT_OUTCOME = `SELECT status, output, error, input_tokens AS "inputTokens", output_tokens AS "outputTokens", steps, latency FROM executions WHERE workspace_id = $1 AND id = $2`;
