import { randomUUID } from "node:crypto";
import type { Json, RunOutcome, StepRecord } from "@heddle/schema";
import type { Pool } from "pg";
import { GroupCommit } from "./group-commit.ts";
import {
  type AcceptRow, claimExpired, type ClaimedRow, expireForeignLeases, finishExecutions, type FinishRow, insertExecutions, insertSteps, type Lease,
  releaseLeases, renewLeases, selectSteps, type StepsRow,
} from "./journal-statements.ts"; // prettier-ignore

/** An execution to be accepted. `config` is the document of a draft run; deployed ones name their version instead. */
export interface NewExecution {
  id: string;
  workspaceId: string;
  agentId: string;
  deploymentId?: string | null;
  version?: number | null;
  config?: Json;
  conversationId?: string | null;
  trigger: "test" | "api" | "webhook" | "chat";
  actor?: string | null;
  input: Json;
  startedAt: Date;
}

/** Why a run has to stop: somebody asked for it, or another process has taken it over. */
export type Interruption = "cancelled" | "lost";

/** The journal of one run, for as long as this process holds its lease. */
export interface RunJournal {
  readonly executionId: string;
  readonly workspaceId: string;
  /** Records a step's outcome. It is on disk within a few ms, at the latest with {@link finish}. */
  append(step: StepRecord): void;
  /** Resolves once everything appended is on disk. @throws LeaseLostError */
  flush(): Promise<void>;
  /** Writes the outcome and the remaining steps in one commit. @throws LeaseLostError; nothing was written then */
  finish(outcome: RunOutcome): Promise<void>;
  /** Gives the run up without an outcome, so that another process takes it over at once. */
  release(): Promise<void>;
}

/** A run that was taken over, with everything needed to go on. */
export interface ClaimedExecution extends Omit<ClaimedRow, "epoch" | "config" | "input"> {
  config: Json | null;
  input: Json;
  recorded: StepRecord[];
  run: RunJournal;
}

export interface Journal {
  /** Resolves once the execution is on disk, leased to this process. */
  accept(execution: NewExecution, onInterrupt?: (why: Interruption) => void): Promise<RunJournal>;
  /** Resolves once the execution is on disk, to be claimed by any process. */
  enqueue(execution: NewExecution): Promise<void>;
  /** Takes over runs that nobody started or whose owner is gone. */
  claim(limit: number, onInterrupt?: (executionId: string, why: Interruption) => void): Promise<ClaimedExecution[]>;
  /** Takes every other process for dead, so that its runs can be claimed at once. For a process that has the database to itself. */
  outlive(): Promise<void>;
  loadSteps(workspaceId: string, executionId: string): Promise<StepRecord[]>;
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
  /** How long steps may gather before they are written, ms. A run that ends sooner costs one commit for all of them. */
  flushAfterMs?: number;
  /** Told about steps that could not be written yet; they are written with the next ones. */
  onError?: (error: unknown) => void;
}

/** A write was refused because another process owns the run now, or because it has an outcome already. */
export class LeaseLostError extends Error {
  override readonly name = "LeaseLostError";
  constructor(executionId: string) {
    super(`The execution ${executionId} was taken over by another process or has ended.`);
  }
}

/** Opens the journal: accepted executions, their steps and their outcomes, written in groups and fenced by leases. */
export function createJournal(options: JournalOptions): Journal {
  const { pool, leaseMs = 30_000, renewEveryMs = 10_000, flushAfterMs = 20, onError = () => undefined } = options;
  const owner = randomUUID();
  const open = new Map<string, { lease: Lease; onInterrupt: (why: Interruption) => void }>();
  // In the order of their ids, so that batches lock rows in the same order and never wait for each other in a circle.
  const byId =
    <T extends { id: string }, R>(write: (rows: T[]) => Promise<R[]>) =>
    async (rows: T[]): Promise<R[]> => {
      const order = rows.map((_, index) => index).toSorted((a, b) => ((rows[a]?.id ?? "") < (rows[b]?.id ?? "") ? -1 : 1));
      const answers = await write(order.map((index) => rows[index] as T));
      const inOrder: R[] = [];
      for (const [position, index] of order.entries()) inOrder[index] = answers[position] as R;
      return inOrder;
    };
  const accepts = new GroupCommit<AcceptRow, undefined>({
    write: async (rows) => {
      await insertExecutions(pool, rows, owner, leaseMs);
      return rows.map(() => undefined);
    },
  });
  const appends = new GroupCommit<StepsRow, boolean>({ write: byId((rows) => insertSteps(pool, rows)), inFlight: 1 });
  const finishes = new GroupCommit<FinishRow, boolean>({ write: byId((rows) => finishExecutions(pool, rows)) });

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

  const openRun = (lease: Lease, recorded: StepRecord[], onInterrupt: (why: Interruption) => void): RunJournal => {
    open.set(lease.id, { lease, onInterrupt });
    return new LeasedRun({
      lease, costUsd: costOf(recorded), flushAfterMs, onError,
      append: (row) => appends.add(row),
      finish: (row) => finishes.add(row),
      release: () => releaseLeases(pool, [lease]),
      close: () => open.delete(lease.id),
    }); // prettier-ignore
  };

  return {
    accept: async (execution, onInterrupt = () => undefined) => {
      await accepts.add(acceptRow(execution, "RUNNING"));
      return openRun({ workspaceId: execution.workspaceId, id: execution.id, epoch: 1 }, [], onInterrupt);
    },
    enqueue: async (execution) => {
      await accepts.add(acceptRow(execution, "PENDING"));
    },
    claim: async (limit, onInterrupt = () => undefined) => {
      const rows = await claimExpired(pool, owner, leaseMs, limit);
      return Promise.all(
        rows.map(async ({ epoch, ...row }) => {
          const recorded = await selectSteps(pool, row.workspaceId, row.id);
          const run = openRun({ workspaceId: row.workspaceId, id: row.id, epoch }, recorded, (why) => onInterrupt(row.id, why));
          return { ...row, config: row.config as Json | null, input: row.input as Json, recorded, run };
        }),
      );
    },
    outlive: () => expireForeignLeases(pool, owner),
    loadSteps: (workspaceId, executionId) => selectSteps(pool, workspaceId, executionId),
    close: () => timers.forEach((timer) => clearInterval(timer)),
  };
}

interface LeasedRunOptions {
  lease: Lease;
  /** US dollars of the steps that were recorded before. */
  costUsd: number | null;
  flushAfterMs: number;
  onError: (error: unknown) => void;
  append: (row: StepsRow) => Promise<boolean>;
  finish: (row: FinishRow) => Promise<boolean>;
  release: () => Promise<void>;
  close: () => void;
}

class LeasedRun implements RunJournal {
  readonly executionId: string;
  readonly workspaceId: string;
  readonly #options: LeasedRunOptions;
  #pending: StepRecord[] = [];
  #timer: NodeJS.Timeout | undefined;
  #costUsd: number | null;

  constructor(options: LeasedRunOptions) {
    this.#options = options;
    this.#costUsd = options.costUsd;
    this.executionId = options.lease.id;
    this.workspaceId = options.lease.workspaceId;
  }

  append(step: StepRecord): void {
    this.#pending.push(step);
    const cost = costOf([step]);
    if (cost !== null) this.#costUsd = (this.#costUsd ?? 0) + cost;
    this.#timer ??= setTimeout(() => void this.flush().catch(this.#options.onError), this.#options.flushAfterMs);
  }

  async flush(): Promise<void> {
    const steps = this.#take();
    if (steps.length === 0) return;
    let isHeld: boolean;
    try {
      isHeld = await this.#options.append({ ...this.#options.lease, steps });
    } catch (error) {
      this.#pending.unshift(...steps);
      throw error;
    }
    if (!isHeld) throw new LeaseLostError(this.executionId);
  }

  async finish(outcome: RunOutcome): Promise<void> {
    const steps = this.#take();
    try {
      const isHeld = await this.#options.finish({
        ...this.#options.lease,
        steps,
        status: STATUS[outcome.status],
        output: outcome.status === "completed" ? JSON.stringify(outcome.output) : null,
        error: outcome.status === "completed" ? null : JSON.stringify(outcome.error),
        inputTokens: outcome.usage.inputTokens,
        outputTokens: outcome.usage.outputTokens,
        costUsd: this.#costUsd,
        latency: Math.round(outcome.durationMs),
        stepCount: outcome.steps,
      });
      if (!isHeld) throw new LeaseLostError(this.executionId);
    } catch (error) {
      if (!(error instanceof LeaseLostError)) this.#pending.unshift(...steps);
      throw error;
    } finally {
      this.#options.close();
    }
  }

  async release(): Promise<void> {
    await this.flush();
    this.#options.close();
    await this.#options.release();
  }

  #take(): StepRecord[] {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    return this.#pending.splice(0);
  }
}

const STATUS = { completed: "COMPLETED", failed: "FAILED", cancelled: "CANCELLED" } as const;

function acceptRow(execution: NewExecution, status: AcceptRow["status"]): AcceptRow {
  return {
    id: execution.id,
    workspaceId: execution.workspaceId,
    agentId: execution.agentId,
    deploymentId: execution.deploymentId ?? null,
    version: execution.version ?? null,
    config: execution.config === undefined ? null : JSON.stringify(execution.config),
    conversationId: execution.conversationId ?? null,
    trigger: execution.trigger,
    actor: execution.actor ?? null,
    input: JSON.stringify(execution.input),
    status,
    startedAt: execution.startedAt,
  };
}

/** US dollars of all model calls of known price; null where there is none. */
function costOf(steps: StepRecord[]): number | null {
  const costs = steps.flatMap((step) => step.modelCalls ?? []).flatMap((call) => (call.costUsd === undefined ? [] : [call.costUsd]));
  return costs.length === 0 ? null : costs.reduce((sum, cost) => sum + cost, 0);
}
