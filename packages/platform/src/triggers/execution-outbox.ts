import type { Database } from "@heddle/db";
import { reach } from "@heddle/db/checkpoint";
import type { ErrorInfo, Json } from "@heddle/schema";
import type { PoolClient } from "pg";
import type { ExecutionEventType } from "./execution-subscribers.ts";

/** An execution that has ended, with what its consumers tell others of it. */
export interface EndedExecution {
  event: ExecutionEventType;
  /** When its outcome was committed. */
  at: Date;
  id: string;
  workspaceId: string;
  agentId: string;
  /** Null for a test of a draft. */
  deploymentId: string | null;
  version: number | null;
  trigger: string;
  input: Json;
  output: Json;
  error: ErrorInfo | null;
  tokensUsed: number | null;
  costUsd: number | null;
  /** ms */
  latency: number | null;
  /** How often it was tried, this time included. */
  attempts: number;
  startedAt: Date;
}

/** Somebody who waits for executions to end. */
export interface ExecutionConsumer {
  name: string;
  /**
   * Takes what has ended, in the transaction of its workspace that removes it from the outbox: what is written through
   * the client happens exactly once. What is done otherwise may happen again after a crash.
   */
  consume(client: PoolClient, execution: EndedExecution): Promise<void>;
}

export interface ExecutionOutboxOptions {
  db: Database;
  consumers: ExecutionConsumer[];
  onFault: (fault: unknown, where: { executionId: string }) => void;
  /** How often events of other processes are looked for, ms. */
  pollEveryMs?: number;
}

export interface ExecutionOutbox {
  /** Looks for events soon; for whoever has just committed one. */
  wake(): void;
  /** Hands on everything that is due. @returns how many events */
  drain(): Promise<number>;
  /** Resolves once nothing is under way any more. */
  stop(): Promise<void>;
}

/** Events of one workspace that are handed on in one transaction. */
const BATCH = 50;
/** After 1 s, 2 s, 4 s … for about four hours; then it is given up and reported. */
const MAX_ATTEMPTS = 14;

/** Hands ended executions from the outbox to their consumers. Any number of processes may do so at once. */
export function startExecutionOutbox({ db, consumers, onFault, pollEveryMs = 1_000 }: ExecutionOutboxOptions): ExecutionOutbox {
  const stopping = new AbortController();
  let isWoken = false;
  let running: Promise<number> | undefined;
  let timer: NodeJS.Timeout | undefined;

  const drainAll = async (): Promise<number> => {
    let count = 0;
    for (let wasFull = true; wasFull && !stopping.signal.aborted;) {
      wasFull = false;
      const { rows } = await db.pools.app.query<{ workspaceId: string }>(
        'SELECT workspace_id AS "workspaceId" FROM heddle_outbox_workspaces()',
      );
      for (const { workspaceId } of rows) {
        const taken = await db.withWorkspace(workspaceId, (client) => drainWorkspace(client, workspaceId, { consumers, onFault }));
        if (taken > 0) reach("outbox-handed-on");
        count += taken;
        wasFull ||= taken === BATCH;
      }
    }
    return count;
  };
  const drain = (): Promise<number> => (running ??= drainAll().finally(() => (running = undefined)));
  const turn = (): void => {
    isWoken = false;
    clearTimeout(timer);
    drain()
      .catch((fault: unknown) => onFault(fault, { executionId: "" }))
      .finally(() => {
        if (stopping.signal.aborted) return;
        if (isWoken) turn();
        else timer = setTimeout(turn, pollEveryMs).unref();
      });
  };
  turn();
  return {
    wake: () => {
      if (isWoken || stopping.signal.aborted) return;
      isWoken = true;
      if (running === undefined) setImmediate(() => running === undefined && !stopping.signal.aborted && turn());
    },
    drain,
    stop: async () => {
      stopping.abort();
      clearTimeout(timer);
      await running?.catch(() => undefined);
    },
  };
}

async function drainWorkspace(
  client: PoolClient,
  workspaceId: string,
  { consumers, onFault }: Pick<ExecutionOutboxOptions, "consumers" | "onFault">,
): Promise<number> {
  const { rows: due } = await client.query<DueRow>(SELECT_DUE, [workspaceId, BATCH]);
  if (due.length === 0) return 0;
  const { rows: executions } = await client.query<Omit<EndedExecution, "event" | "at">>(SELECT_EXECUTIONS, [
    workspaceId,
    due.map((row) => row.executionId),
  ]);
  const byId = new Map(executions.map((execution) => [execution.id, execution]));
  for (const { executionId, event, at, attempts } of due) {
    const execution = byId.get(executionId);
    const fault = execution === undefined ? undefined : await handOn(client, { ...execution, event, at }, consumers);
    if (fault !== undefined) onFault(fault.cause, { executionId });
    const isDone = fault === undefined || attempts + 1 >= MAX_ATTEMPTS;
    await client.query(isDone ? DELETE_EVENT : POSTPONE_EVENT, [workspaceId, executionId, event]);
  }
  return due.length;
}

/** Lets every consumer have it, or none. */
async function handOn(
  client: PoolClient,
  execution: EndedExecution,
  consumers: ExecutionConsumer[],
): Promise<{ cause: unknown } | undefined> {
  await client.query("SAVEPOINT consume");
  try {
    for (const consumer of consumers) await consumer.consume(client, execution);
    await client.query("RELEASE SAVEPOINT consume");
    return undefined;
  } catch (cause) {
    await client.query("ROLLBACK TO SAVEPOINT consume");
    return { cause };
  }
}

interface DueRow {
  executionId: string;
  event: ExecutionEventType;
  at: Date;
  attempts: number;
}

const SELECT_DUE = `SELECT execution_id AS "executionId", event, created_at AS at, attempts FROM execution_outbox
  WHERE workspace_id = $1 AND due_at <= now() ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED`;

const SELECT_EXECUTIONS = `SELECT id, workspace_id AS "workspaceId", agent_id AS "agentId", deployment_id AS "deploymentId", version, trigger,
  input, output, error, tokens_used AS "tokensUsed", cost_usd AS "costUsd", latency, attempt + 1 AS attempts, started_at AS "startedAt"
  FROM executions WHERE workspace_id = $1 AND id = ANY ($2::uuid[])`;

const DELETE_EVENT = "DELETE FROM execution_outbox WHERE workspace_id = $1 AND execution_id = $2 AND event = $3";
const POSTPONE_EVENT = `UPDATE execution_outbox SET attempts = attempts + 1, due_at = now() + make_interval(secs => power(2, attempts))
  WHERE workspace_id = $1 AND execution_id = $2 AND event = $3`;
