import type { NodeHandler } from "@heddle/node-kit";
import {
  HeddleError,
  toErrorInfo,
  type ErrorInfo,
  type PendingWait,
  type RunEvent,
  type RunOutcome,
  type RunSuspension,
} from "@heddle/schema";
import { Alarms } from "./alarms.ts";
import { Budget, workedMs } from "./budget.ts";
import type { CompiledAgent } from "./compiled-agent.ts";
import type { RunOptions } from "./ports.ts";
import { RunJournal } from "./run-journal.ts";
import { Scheduler } from "./scheduler.ts";
import { WaitList } from "./wait-list.ts";

/** What all steps of a run share, and the one place where a run ends. */
export class ActiveRun {
  readonly agent: CompiledAgent;
  readonly options: RunOptions;
  readonly handlers: ReadonlyMap<string, NodeHandler>;
  readonly alarms: Alarms;
  readonly budget: Budget;
  readonly journal: RunJournal;
  readonly waits: WaitList;
  readonly scheduler: Scheduler;
  readonly #onEnd: (end: RunEnd) => void;
  /** Steps that go on beyond the turn in which they began. Made with the first of them. */
  #underway: Set<Parkable> | undefined;
  #cancel: (() => void) | undefined;
  #end: RunEnd | undefined;
  #deadline = Number.POSITIVE_INFINITY;
  #isSettled = false;

  constructor(agent: CompiledAgent, handlers: ReadonlyMap<string, NodeHandler>, options: RunOptions, onEnd: (end: RunEnd) => void) {
    this.agent = agent;
    this.handlers = handlers;
    this.options = options;
    this.#onEnd = onEnd;
    this.alarms = new Alarms(options.clock, (fault) => this.crash(fault));
    this.budget = new Budget(agent.limits, options.limits, options.journal.recorded);
    this.journal = new RunJournal(options.journal, this);
    this.waits = new WaitList(this);
    this.scheduler = new Scheduler(this);
  }

  /** Tells watchers that the run goes, unless it is cancelled already. */
  begin(): void {
    const at = this.now();
    this.#deadline = at + this.budget.maxDurationMs - workedMs(this.options.journal.recorded);
    if (this.isWatched) this.emit({ type: "run.started", at });
    if (this.options.isAborted ?? this.options.signal.aborted) this.#obeySignal();
    else this.waits.begin();
  }

  /** Listens for the run's cancellation. One that is over by the end of its first turn never has to. */
  listen(): void {
    const { signal } = this.options;
    if (signal.aborted) {
      this.#obeySignal();
      return;
    }
    this.#cancel = () => this.#obeySignal();
    signal.addEventListener("abort", this.#cancel, { once: true });
  }

  get isOver(): boolean {
    return this.#end !== undefined;
  }

  now(): number {
    return this.options.clock.now();
  }

  /** Whether anyone watches; lets callers save making events that nobody sees. */
  get isWatched(): boolean {
    return this.options.onEvent !== undefined;
  }

  emit(event: RunEvent): void {
    try {
      this.options.onEvent?.(event);
    } catch (fault) {
      this.reportFault(fault);
    }
  }

  reportFault(fault: unknown, stepKey?: string): void {
    try {
      this.options.onFault?.(fault, { executionId: this.options.run.executionId, ...(stepKey === undefined ? {} : { stepKey }) });
    } catch {
      // There is nobody left to tell.
    }
  }

  /** The journal refused or lost a step. */
  journalFailed(error: unknown): void {
    this.stop(
      error instanceof HeddleError ? error : new HeddleError("unavailable", "The run's progress could not be saved.", { cause: error }),
    );
  }

  /** The journal has answered all that it was given. */
  journalIdle(): void {
    this.#settle();
    this.waits.reconsider();
  }

  /** Notes that a step goes on beyond this turn: it is abandoned when the run ends, and the run's time limit is watched. */
  enter(step: Parkable): void {
    if (this.#underway !== undefined) {
      this.#underway.add(step);
      return;
    }
    this.#underway = new Set([step]);
    this.alarms.set(this.#deadline, () => this.fail(this.#timeout()));
  }

  leave(step: Parkable): void {
    this.#underway?.delete(step);
  }

  /** When the run's time is up, ms since the epoch. */
  get deadline(): number {
    return this.#deadline;
  }

  /** Whether nothing goes on but waiting. */
  get isParked(): boolean {
    if (!this.journal.isIdle || this.scheduler.isLoading) return false;
    for (const step of this.#underway ?? []) if (!step.isParked) return false;
    return true;
  }

  /** Says that a step waits, to who can end the wait. */
  tellWaiting(wait: PendingWait): void {
    try {
      this.options.waits?.opened?.(wait);
    } catch (fault) {
      this.reportFault(fault, wait.key);
    }
  }

  /** Puts the run away until one of its waits ends. */
  suspend(waits: PendingWait[], wakeAt: number | undefined): void {
    this.#finish({ suspension: { status: "waiting", waits, ...(wakeAt === undefined ? {} : { wakeAt }), ...this.#totals() } });
  }

  complete(output: Extract<RunOutcome, { status: "completed" }>["output"]): void {
    this.#finish({ outcome: { status: "completed", output, ...this.#totals() } });
  }

  fail(error: HeddleError | ErrorInfo, nodeId?: string): void {
    const info = error instanceof HeddleError ? toErrorInfo(error, nodeId) : error;
    this.#finish({ outcome: { status: "failed", error: info, ...this.#totals() } });
  }

  /** Ends without an outcome: the run is left as the journal has it, for another owner to resume. */
  stop(reason: HeddleError): void {
    if (this.#end !== undefined) {
      // Writes of a run that has ended are still awaited; one that fails goes before the outcome.
      if (!this.#isSettled) this.#end = { reason };
      return;
    }
    this.#finish({ reason });
  }

  /** Stops a run that the runtime itself got wrong, instead of leaving it hanging. */
  crash(fault: unknown): void {
    this.reportFault(fault);
    this.stop(fault instanceof HeddleError ? fault : new HeddleError("internal", toErrorInfo(fault).message, { cause: fault }));
  }

  #obeySignal(): void {
    const reason: unknown = this.options.signal.reason;
    if (reason instanceof HeddleError && reason.code !== "run_cancelled") {
      this.stop(reason);
      return;
    }
    const error = reason instanceof HeddleError ? reason : new HeddleError("run_cancelled", "The run was cancelled.");
    this.#finish({ outcome: { status: "cancelled", error: toErrorInfo(error), ...this.#totals() } });
  }

  #timeout(): HeddleError {
    const { maxDurationMs } = this.budget;
    return new HeddleError("run_timeout", `The run took longer than the ${maxDurationMs} ms it may.`, { details: { maxDurationMs } });
  }

  /** ms since a moment, to the microsecond. */
  since(moment: number): number {
    return Math.max(0, Math.round((this.now() - moment) * 1_000) / 1_000);
  }

  #totals(): { usage: RunOutcome["usage"]; steps: number; durationMs: number } {
    return { usage: { ...this.budget.usage }, steps: this.budget.steps, durationMs: this.since(this.options.run.startedAt) };
  }

  #finish(end: RunEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    if (this.#cancel !== undefined) this.options.signal.removeEventListener("abort", this.#cancel);
    if (this.#underway !== undefined && this.#underway.size > 0)
      this.#abandonAll(this.#underway, "reason" in end ? end.reason : new HeddleError("run_cancelled", "The run has ended."));
    this.waits.stop();
    this.alarms.clear();
    this.#settle();
  }

  #abandonAll(underway: Set<Parkable>, reason: HeddleError): void {
    for (const step of underway) step.abandon(reason);
    underway.clear();
  }

  #settle(): void {
    if (this.#end === undefined || this.#isSettled || !this.journal.isIdle) return;
    this.#isSettled = true;
    const end = this.#end;
    if (this.isWatched) {
      if ("outcome" in end) this.emit({ type: "run.finished", at: this.now(), outcome: end.outcome });
      else if ("suspension" in end) this.emit({ type: "run.waiting", at: this.now(), waits: end.suspension.waits });
    }
    this.#onEnd(end);
  }
}

/** How a run ends: with its outcome, put away until a wait ends, or stopped. */
export type RunEnd = { outcome: RunOutcome } | { suspension: RunSuspension } | { reason: HeddleError };

/** Work that can be told that nobody waits for it any more. */
export interface Abandonable {
  abandon(reason: HeddleError): void;
}

/** Work that may do nothing but wait. */
export interface Parkable extends Abandonable {
  readonly isParked: boolean;
}
