import { LeaseLostError, type RunOutcome, type StepRecord } from "@heddle/schema";
import { reach } from "./checkpoint.ts";
import { type Due, type DueEntry, settle } from "./due-list.ts";
import {
  type AcceptRow, type CompleteRow, type FinishRow, type Lease, type OutcomeRow, partNumber, type StepsRow,
} from "./journal-statements.ts"; // prettier-ignore

import type { LeaveRow, WaitRow } from "./wait-statements.ts";

/** The journal of one run, for as long as this process holds its lease. */
export interface RunJournal {
  readonly executionId: string;
  readonly workspaceId: string;
  /** Counts the owners that the run has had, this one included. */
  readonly epoch: number;
  /**
   * Resolves once the execution is on disk, which from then on outlives this process. Nothing may reach the outside world
   * before. A run that ends soon and asks for it nowhere is written with its outcome, in one commit.
   */
  accepted(): Promise<void>;
  /** Records a step's outcome. It is on disk within a few ms, at the latest with {@link finish}. */
  append(step: StepRecord): void;
  /** Resolves once everything appended is on disk. @throws LeaseLostError */
  flush(): Promise<void>;
  /** Writes the outcome and the remaining steps in one commit. @throws LeaseLostError; nothing was written then */
  finish(outcome: RunOutcome): Promise<void>;
  /** Notes that a step waits while others go on, so that its answer can come meanwhile. */
  openWait(wait: WaitRow): Promise<void>;
  /** Suspends the run until it is time or an answer comes, and lets go of it. @throws LeaseLostError */
  suspend(waits: readonly WaitRow[], wakeAt: Date | null): Promise<void>;
  /** Counts a failed attempt and lets go of the run, to be taken again from then on. @throws LeaseLostError */
  retryAt(at: Date, error: unknown): Promise<void>;
  /** Gives the run up without an outcome, so that another process takes it over at once. */
  release(): Promise<void>;
  /**
   * Forgets the run, which failed here for a reason of ours: what is on disk is taken over once its lease has run out, and
   * what is not never gets there. Does nothing to a run that has left already.
   */
  letGo(): void;
}

/** How a run's rows get to disk. */
export interface RunWriters {
  accept: (row: AcceptRow) => Promise<unknown>;
  complete: (row: CompleteRow) => Promise<void>;
  append: (row: StepsRow) => Promise<boolean>;
  finish: (row: FinishRow) => Promise<boolean>;
  leave: (row: LeaveRow) => Promise<boolean>;
  wait: (lease: Lease, wait: WaitRow) => Promise<void>;
  release: (lease: Lease) => Promise<void>;
}

/** What the runs of one process share: made once, because a run may take less time than a handful of closures. */
export interface RunHost {
  readonly writers: RunWriters;
  /** Has {@link Due.fall} called when the run has gone on for so long that it is accepted. */
  watchAcceptance(run: Due): DueEntry | undefined;
  /** Has {@link Due.fall} called when what it has recorded is to be written. */
  watch(run: Due): void;
  /** The lease is on disk: it is to be renewed until `closed`. */
  accepted(run: LeasedRun): void;
  closed(run: LeasedRun): void;
  onError(error: unknown): void;
}

export interface LeasedRunOptions {
  lease: Lease;
  /** What is to be accepted; absent where it is on disk already. */
  request?: AcceptRow | undefined;
  /** US dollars of the steps that were recorded before. */
  costUsd: number | null;
  /** Hears that the run has to stop. */
  onInterrupt: (why: Interruption) => void;
}

/** Why a run has to stop: somebody asked for it, or another process has taken it over. */
export type Interruption = "cancelled" | "lost";

export class LeasedRun implements RunJournal, Due {
  readonly executionId: string;
  readonly workspaceId: string;
  readonly epoch: number;
  readonly lease: Lease;
  readonly onInterrupt: LeasedRunOptions["onInterrupt"];
  readonly #host: RunHost;
  readonly #request: AcceptRow | undefined;
  #pending: StepRecord[] = [];
  #parts = 0;
  #costUsd: number | null;
  #accepted: Promise<void> | undefined;
  /** Settles once no steps are on their way to disk. */
  #writing: Promise<unknown> = DONE;
  #watchedAcceptance: DueEntry | undefined;
  #isWatched = false;
  #isOver = false;
  #isLetGo = false;

  constructor(host: RunHost, { lease, request, costUsd, onInterrupt }: LeasedRunOptions) {
    this.lease = lease;
    this.onInterrupt = onInterrupt;
    this.#host = host;
    this.#request = request;
    this.#costUsd = costUsd;
    this.executionId = lease.id;
    this.workspaceId = lease.workspaceId;
    this.epoch = lease.epoch;
    if (request === undefined) {
      this.#accepted = DONE;
      host.accepted(this);
    } else {
      this.#watchedAcceptance = host.watchAcceptance(this);
    }
  }

  /** Where the run is not over by then, it is accepted, and what it has recorded is written. */
  fall(): void {
    this.#isWatched = false;
    if (!this.#isOver) this.flush().catch((error: unknown) => this.#host.onError(error));
  }

  accepted(): Promise<void> {
    this.#accepted ??= this.#accept();
    return this.#accepted;
  }

  append(step: StepRecord): void {
    this.#pending.push(step);
    if (step.modelCalls !== undefined) {
      const cost = costOf([step]);
      if (cost !== null) this.#costUsd = (this.#costUsd ?? 0) + cost;
    }
    // Before its acceptance, all is written with that, or with the outcome.
    if (this.#accepted !== undefined) this.#watch();
  }

  async flush(): Promise<void> {
    await this.accepted();
    // One after another: whoever asks waits for what is on its way too, and the outcome does not overtake it.
    const written = this.#writing.then(() => this.#writePending());
    this.#writing = written.catch(() => undefined);
    await written;
  }

  async finish(outcome: RunOutcome): Promise<void> {
    const request = this.#request;
    const { writers } = this.#host;
    this.#isOver = true;
    reach("before-outcome");
    const ended: OutcomeRow = {
      status: STATUS[outcome.status],
      output: outcome.status === "completed" ? JSON.stringify(outcome.output) : null,
      error: outcome.status === "completed" ? null : JSON.stringify(outcome.error),
      inputTokens: outcome.usage.inputTokens,
      outputTokens: outcome.usage.outputTokens,
      costUsd: this.#costUsd,
      latency: Math.round(outcome.durationMs),
      stepCount: outcome.steps,
    };
    if (this.#accepted === undefined && request !== undefined) {
      settle(this.#watchedAcceptance);
      // Whoever still asks for its acceptance hears of it with the outcome.
      this.#accepted = writers.complete({ request, outcome: ended, steps: this.#pending });
      await this.#accepted;
      reach("outcome-committed");
      return;
    }
    await this.#accepted;
    await this.#writing;
    const steps = this.#pending.splice(0);
    const isFirstPart = this.#parts === 0;
    try {
      const isHeld = await writers.finish({ ...this.lease, ...ended, steps, part: this.#nextPart(), isFirstPart });
      if (!isHeld) throw new LeaseLostError(this.executionId);
      reach(outcome.status === "failed" ? "dead-lettered" : "outcome-committed");
    } catch (error) {
      if (!(error instanceof LeaseLostError)) this.#pending.unshift(...steps);
      throw error;
    } finally {
      this.#host.closed(this);
    }
  }

  async openWait(wait: WaitRow): Promise<void> {
    await this.accepted();
    await this.#host.writers.wait(this.lease, wait);
  }

  suspend(waits: readonly WaitRow[], wakeAt: Date | null): Promise<void> {
    return this.#leave({ status: "WAITING", wakeAt, error: null, failedAttempts: 0, waits });
  }

  retryAt(at: Date, error: unknown): Promise<void> {
    return this.#leave({ status: "PENDING", wakeAt: at, error: JSON.stringify(error), failedAttempts: 1, waits: [] });
  }

  async release(): Promise<void> {
    await this.flush();
    this.#isOver = true;
    this.#host.closed(this);
    await this.#host.writers.release(this.lease);
  }

  letGo(): void {
    this.#isOver = true;
    this.#isLetGo = true;
    this.#host.closed(this);
  }

  async #accept(): Promise<void> {
    if (this.#request === undefined) return;
    await this.#host.writers.accept(this.#request);
    reach("accepted");
    if (this.#isLetGo) return;
    this.#host.accepted(this);
    if (this.#pending.length > 0) this.#watch();
  }

  async #writePending(): Promise<void> {
    const steps = this.#pending.splice(0);
    if (steps.length === 0) return;
    let isHeld: boolean;
    try {
      isHeld = await this.#host.writers.append({ ...this.lease, part: this.#nextPart(), steps });
    } catch (error) {
      this.#pending.unshift(...steps);
      throw error;
    }
    if (!isHeld) throw new LeaseLostError(this.executionId);
    reach("steps-recorded");
  }

  async #leave(how: Pick<LeaveRow, "status" | "wakeAt" | "error" | "failedAttempts" | "waits">): Promise<void> {
    await this.accepted();
    this.#isOver = true;
    await this.#writing;
    const steps = this.#pending.splice(0);
    try {
      const isHeld = await this.#host.writers.leave({ ...this.lease, ...how, part: this.#nextPart(), steps });
      if (!isHeld) throw new LeaseLostError(this.executionId);
      reach(how.status === "WAITING" ? "suspended" : "retry-scheduled");
    } catch (error) {
      if (!(error instanceof LeaseLostError)) this.#pending.unshift(...steps);
      throw error;
    } finally {
      this.#host.closed(this);
    }
  }

  #watch(): void {
    if (this.#isWatched) return;
    this.#isWatched = true;
    this.#host.watch(this);
  }

  #nextPart(): number {
    return partNumber(this.lease.epoch, this.#parts++);
  }
}

const DONE = Promise.resolve();
const STATUS = { completed: "COMPLETED", failed: "FAILED", cancelled: "CANCELLED" } as const;

/** US dollars of all model calls of known price; null where there is none. */
export function costOf(steps: readonly StepRecord[]): number | null {
  const costs = steps.flatMap((step) => step.modelCalls ?? []).flatMap((call) => (call.costUsd === undefined ? [] : [call.costUsd]));
  return costs.length === 0 ? null : costs.reduce((sum, cost) => sum + cost, 0);
}
