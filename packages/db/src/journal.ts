import { randomUUID } from "node:crypto";
import type { Json, StepRecord } from "@heddle/schema";
import type { Pool } from "pg";
import { reach } from "./checkpoint.ts";
import { DueList } from "./due-list.ts";
import { GroupCommit } from "./group-commit.ts";
import { plainText } from "./journal-lines.ts";
import {
  type AcceptRow, type CompleteRow, finishExecutions, type FinishRow, insertCompleted, insertExecutions, insertSteps,
  loggedRuns, selectSteps, type StepsRow,
} from "./journal-statements.ts"; // prettier-ignore
import {
  claimExpired, type ClaimedRow, expireForeignLeases, releaseLeases, renewLeases, type ResolvedWait, selectResolutions,
} from "./lease-statements.ts"; // prettier-ignore
import { Pipeline } from "./pipeline.ts";
import type { RunLog } from "./run-log.ts";
import { StatsSlots } from "./stats-slots.ts";
import { insertWait, leaveExecution } from "./wait-statements.ts";
import { costOf, type Interruption, LeasedRun, type RunHost, type RunJournal, type RunWriters } from "./leased-run.ts";

export { LeaseLostError } from "@heddle/schema";
export type { Interruption, RunJournal } from "./leased-run.ts";

/** An execution to be accepted. `config` is the document of a draft run; deployed ones name their version instead. */
export interface NewExecution {
  id: string;
  workspaceId: string;
  agentId: string;
  deploymentId?: string | null;
  version?: number | null;
  config?: Json | undefined;
  conversationId?: string | null;
  trigger: string;
  /** Id of the trigger's node; the first that fits when absent. */
  triggerNode?: string | null;
  actor?: string | null;
  input: Json;
  startedAt: Date;
  /** Days that it is kept; one of the classes in retention_classes. */
  retention?: number;
  /** Higher goes first within a workspace. */
  priority?: number;
  redriveOf?: string | null;
  causedBy?: string | null;
  /** Of one that is enqueued: not to be started before. */
  availableAt?: Date | null;
}

/** A run that was taken over, with everything needed to go on. */
export interface ClaimedExecution extends ClaimedRow {
  recorded: StepRecord[];
  /** Answers that came to what it waited for. */
  resolutions: ResolvedWait[];
  run: RunJournal;
}

/** Takes leases for an owner; the default takes whatever is due, oldest first. */
export type ClaimRows = (pool: Pool, owner: string, leaseMs: number, limit: number) => Promise<ClaimedRow[]>;

export interface Journal {
  /** Names this journal's leases. */
  readonly owner: string;
  /**
   * Begins a run of this process, which is on disk once {@link RunJournal.accepted} resolves: a run that ends within
   * `acceptAfterMs` and asks for nothing before is written whole with its outcome.
   */
  begin(execution: NewExecution, onInterrupt?: (why: Interruption) => void): RunJournal;
  /** Resolves once the execution is on disk, leased to this process. */
  accept(execution: NewExecution, onInterrupt?: (why: Interruption) => void): Promise<RunJournal>;
  /** Resolves once the execution is on disk, to be claimed by any process. */
  enqueue(execution: NewExecution): Promise<void>;
  /** Takes over runs that nobody started, whose owner is gone, or whose time to wake has come. */
  claim(limit: number, onInterrupt?: (executionId: string, why: Interruption) => void, claimRows?: ClaimRows): Promise<ClaimedExecution[]>;
  /** Takes every other process for dead, so that its runs can be claimed at once. For a process that has the database to itself. */
  outlive(): Promise<void>;
  loadSteps(workspaceId: string, executionId: string): Promise<StepRecord[]>;
  /** Resolves once every run that has ended can be read, or can't be made to just now. */
  landed(): Promise<void>;
  /** Stops renewing. Leases that are still held run out by themselves. */
  close(): void;
}

export interface JournalOptions {
  /** Connections of the role heddle_journal. */
  pool: Pool;
  /** ms; 30 s by default: a process that is dead is noticed within that and a sweep */
  leaseMs?: number;
  /** ms; 10 s by default */
  renewEveryMs?: number;
  /** How long a run that was begun may go on before it is accepted, ms; 250 by default. One that ends sooner is one row. */
  acceptAfterMs?: number;
  /** How long the steps of an accepted run may gather before they are written, ms; 20 by default. */
  flushAfterMs?: number;
  /** Told about steps that could not be written yet; they are written with the next ones. */
  onError?: (error: unknown) => void;
  /** Whose outcomes are written to the outbox with them. Nobody's by default. */
  outbox?: OutboxPort;
  /** Takes runs that have ended whole, faster than the database, which gets them from there. */
  log?: Pick<RunLog, "append" | "landed"> | undefined;
}

/** Who waits for runs to end. Asked for every run, so it answers from memory. */
export interface OutboxPort {
  wants(workspaceId: string, event: `execution.${"completed" | "failed" | "cancelled"}`): boolean;
  /** Something was committed to the outbox. */
  onWritten(): void;
}

/** Of an execution that names none. */
export const DEFAULT_RETENTION_DAYS = 365;
const EVENTS = { COMPLETED: "execution.completed", FAILED: "execution.failed", CANCELLED: "execution.cancelled" } as const;

/** Opens the journal: accepted executions, their steps and their outcomes, written in groups and fenced by leases. */
export function createJournal(options: JournalOptions): Journal {
  const {
    pool,
    leaseMs = 30_000,
    renewEveryMs = 10_000,
    acceptAfterMs = 250,
    flushAfterMs = 20,
    onError = () => undefined,
    outbox,
    log,
  } = options;
  const owner = randomUUID();
  const open = new Map<string, LeasedRun>();
  const begun = new DueList(acceptAfterMs);
  const due = new DueList(flushAfterMs);
  const slots = new StatsSlots();
  const accepts = new GroupCommit<AcceptRow, undefined>({
    write: async (rows) => {
      await insertExecutions(pool, rows, owner, leaseMs);
      return rows.map(() => undefined);
    },
  });
  /** Writes outcomes, and with those that somebody waits for also that they are there. */
  const telling = async <T, R>(
    rows: T[],
    wants: (row: T, outbox: OutboxPort) => boolean,
    write: (rows: T[], slot: number, told?: boolean[]) => Promise<R>,
  ): Promise<R> => {
    const told = outbox && rows.map((row) => wants(row, outbox));
    if (outbox === undefined || told?.includes(true) !== true) return await slots.lend((slot) => write(rows, slot));
    const written = await slots.lend((slot) => write(rows, slot, told));
    outbox.onWritten();
    return written;
  };
  const pipeline = new Pipeline(pool);
  const completes = new GroupCommit<CompleteRow, void>({
    // The second batch waits at the server, on the same connection: with 16 callers that gives a quarter more runs a second.
    inFlight: 2,
    write: async (rows) => {
      // What somebody waits for is told in the commit that makes it readable.
      const isLogged =
        log !== undefined && !rows.some((row) => outbox && completeIsWanted(row, outbox)) && (await log.append(loggedRuns(rows)));
      if (!isLogged) await telling(rows, completeIsWanted, (batch, slot, told) => insertCompleted(pipeline, batch, slot, told));
      return rows.map(() => undefined);
    },
  });
  const appends = new GroupCommit<StepsRow, boolean>({ write: inOrderOfIds((rows) => insertSteps(pool, rows)), inFlight: 1 });
  const finishes = new GroupCommit<FinishRow, boolean>({
    write: inOrderOfIds((rows) => telling(rows, finishIsWanted, (batch, slot, told) => finishExecutions(pool, batch, slot, told))),
  });
  const writers: RunWriters = {
    accept: (row) => accepts.add(row),
    complete: (row) => completes.add(row),
    append: (row) => appends.add(row),
    finish: (row) => finishes.add(row),
    leave: (row) => leaveExecution(pool, row),
    wait: (lease, wait) => insertWait(pool, lease, wait),
    release: (lease) => releaseLeases(pool, [lease]),
  };

  const renew = async (): Promise<void> => {
    if (open.size === 0) return;
    const told = await renewLeases(pool, [...open.values()].map((run) => run.lease), leaseMs); // prettier-ignore
    for (const { id, isLost } of told) {
      const run = open.get(id);
      if (isLost) open.delete(id);
      run?.onInterrupt(isLost ? "lost" : "cancelled");
    }
  };
  const timers = [
    setInterval(() => void renew().catch(onError), renewEveryMs).unref(),
    // A process may run for months, and months need partitions. Several of them are made ahead.
    setInterval(() => void pool.query("SELECT heddle_ensure_partitions()").catch(onError), 24 * 3_600_000).unref(),
  ];

  const host: RunHost = {
    writers,
    watchAcceptance: (run) => begun.add(run),
    watch: (run) => due.add(run),
    accepted: (run) => open.set(run.executionId, run),
    // It may have been taken again by this process meanwhile, under another lease.
    closed: (run) => open.get(run.executionId) === run && open.delete(run.executionId),
    onError,
  };

  const begin: Journal["begin"] = (execution, onInterrupt = () => undefined) =>
    new LeasedRun(host, {
      lease: { workspaceId: execution.workspaceId, id: execution.id, epoch: 1 },
      request: acceptRow(execution, "RUNNING"),
      costUsd: null,
      onInterrupt,
    });

  return {
    owner,
    begin,
    accept: async (execution, onInterrupt) => {
      const run = begin(execution, onInterrupt);
      await run.accepted();
      return run;
    },
    enqueue: async (execution) => {
      await accepts.add(acceptRow(execution, "PENDING"));
      reach("accepted");
    },
    claim: async (limit, onInterrupt = () => undefined, claimRows = claimExpired) => {
      const rows = await claimRows(pool, owner, leaseMs, limit);
      if (rows.length > 0) reach("claimed");
      try {
        const pasts = await Promise.all(rows.map((row) => readPast(pool, row)));
        return rows.map((row, index) => {
          const { workspaceId, id, epoch } = row;
          const past = pasts[index] ?? NO_PAST;
          const run = new LeasedRun(host, {
            lease: { workspaceId, id, epoch },
            costUsd: costOf(past.recorded),
            onInterrupt: (why) => onInterrupt(id, why),
          });
          return { ...row, ...past, run };
        });
      } catch (error) {
        // They are leased and nobody runs them: others shall not have to wait for the leases' end.
        await releaseLeases(pool, rows).catch(onError);
        throw error;
      }
    },
    outlive: () => expireForeignLeases(pool, owner),
    loadSteps: (workspaceId, executionId) => selectSteps(pool, workspaceId, executionId),
    landed: () => log?.landed() ?? LANDED,
    close: () => {
      timers.forEach((timer) => clearInterval(timer));
      begun.close();
      due.close();
    },
  };
}

const LANDED = Promise.resolve();

function completeIsWanted({ request, outcome }: CompleteRow, outbox: OutboxPort): boolean {
  return outbox.wants(request.workspaceId, EVENTS[outcome.status]);
}

function finishIsWanted(row: FinishRow, outbox: OutboxPort): boolean {
  return outbox.wants(row.workspaceId, EVENTS[row.status]);
}

type Past = Pick<ClaimedExecution, "recorded" | "resolutions">;
const NO_PAST: Past = { recorded: [], resolutions: [] };

/** What was recorded before by earlier owners. The first one, whose epoch is 1, has none to read of. */
async function readPast(pool: Pool, { workspaceId, id, epoch }: ClaimedRow): Promise<Past> {
  if (epoch === 1) return NO_PAST;
  const [recorded, resolutions] = await Promise.all([selectSteps(pool, workspaceId, id), selectResolutions(pool, workspaceId, id)]);
  return { recorded, resolutions };
}

/** Accepts executions for whoever claims them, in a transaction of the journal's role. */
export async function enqueueExecutions(client: Pick<Pool, "query">, executions: NewExecution[]): Promise<void> {
  await insertExecutions(client, executions.map((execution) => acceptRow(execution, "PENDING")), NOBODY, 0); // prettier-ignore
}

/** Owns no lease, in the place where one is due. */
const NOBODY = "00000000-0000-0000-0000-000000000000";

/** Writes in the order of ids, so that batches lock rows in the same order and never wait for each other in a circle. */
function inOrderOfIds<T extends { id: string }, R>(write: (rows: T[]) => Promise<R[]>): (rows: T[]) => Promise<R[]> {
  return async (rows) => {
    const order = rows.map((_, index) => index).toSorted((a, b) => ((rows[a]?.id ?? "") < (rows[b]?.id ?? "") ? -1 : 1));
    const answers = await write(order.map((index) => rows[index] as T));
    const inOrder: R[] = [];
    for (const [position, index] of order.entries()) inOrder[index] = answers[position] as R;
    return inOrder;
  };
}

function acceptRow(execution: NewExecution, status: AcceptRow["status"]): AcceptRow {
  const { conversationId, config } = execution;
  return {
    id: execution.id,
    workspaceId: execution.workspaceId,
    retention: execution.retention ?? DEFAULT_RETENTION_DAYS,
    agentId: execution.agentId,
    deploymentId: execution.deploymentId ?? null,
    version: execution.version ?? null,
    config: config === undefined ? null : JSON.stringify(config),
    conversationId: conversationId === null || conversationId === undefined ? null : plainText(conversationId, "conversation's id"),
    trigger: execution.trigger,
    triggerNode: execution.triggerNode ?? null,
    actor: execution.actor ?? null,
    input: JSON.stringify(execution.input),
    status,
    startedAt: execution.startedAt,
    priority: execution.priority ?? 0,
    redriveOf: execution.redriveOf ?? null,
    causedBy: execution.causedBy ?? null,
    availableAt: execution.availableAt ?? null,
  };
}
