import { HeddleError, toErrorInfo, type ErrorInfo, type Json, type StepRecord } from "@heddle/schema";
import type { Abandonable, ActiveRun } from "./active-run.ts";
import type { Alarm } from "./alarms.ts";
import { asHeddleError, failureRecord, recordOutcome, type RecordBase } from "./record-outcome.ts";
import type { StepPlan } from "./step-plan.ts";

/** A step that consists of other steps: what its beginning and its end have in common with all of that kind. */
export abstract class EnvelopeRun implements Abandonable {
  protected readonly run: ActiveRun;
  protected readonly plan: StepPlan;
  /** Rounds made inside, at any depth. */
  protected rounds = 0;
  protected isOver = false;
  #isAbandoned = false;
  #startedAt = 0;
  #alarm: Alarm | undefined;

  constructor(run: ActiveRun, plan: StepPlan) {
    this.run = run;
    this.plan = plan;
  }

  /** Goes through with the work; what it throws is the step's failure. */
  protected abstract work(): void;
  /** Gives up the steps that it consists of. */
  protected abstract close(reason: HeddleError): void;

  start(): void {
    const { run, plan } = this;
    const limit = run.budget.takeStep(plan.frame.isInRound);
    if (limit !== undefined) {
      run.fail(limit, plan.node.id);
      return;
    }
    this.#startedAt = run.now();
    if (run.isWatched) run.emit({ type: "step.started", at: this.#startedAt, key: plan.key, nodeId: plan.node.id });
    // Only a limit that somebody set: what takes long inside has limits of its own.
    const { timeoutMs } = plan.node.node;
    if (timeoutMs !== undefined && plan.node.task.kind !== "each") {
      this.#alarm = run.alarms.set(this.#startedAt + timeoutMs, () => this.fail(tooSlow(plan.node.name, timeoutMs)));
    }
    this.attempt(() => this.work());
  }

  abandon(reason: HeddleError): void {
    if (this.#isAbandoned) return;
    this.#isAbandoned = true;
    if (!this.isOver) this.#finish(reason);
    this.plan.onAbandon?.(reason);
  }

  /** What is inside began under an earlier owner of the run; so did this. */
  began(at: number): void {
    if (at >= this.#startedAt) return;
    this.#startedAt = at;
    this.plan.frame.owner.began(at);
  }

  /** Does something whose failure is the step's. */
  protected attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.fail(asHeddleError(this.run, this.plan, error));
    }
  }

  protected succeed(output: Json, ports: readonly string[]): void {
    if (this.isOver) return;
    this.#finish(undefined);
    this.#record(() => ({ ...this.#base(), status: "completed", output, ports: ports as string[] }));
  }

  protected fail(failure: HeddleError | ErrorInfo): void {
    if (this.isOver) return;
    const error = failure instanceof HeddleError ? toErrorInfo(failure, this.plan.node.id) : failure;
    this.#finish(new HeddleError("run_cancelled", "Another part of the step failed."));
    this.#record(() => failureRecord(this.plan, this.#base(), error));
  }

  #finish(reason: HeddleError | undefined): void {
    this.isOver = true;
    if (this.#alarm !== undefined) this.run.alarms.cancel(this.#alarm);
    if (reason !== undefined) this.close(reason);
  }

  /** Its end may follow from recorded steps alone; then what is recorded after them comes first. */
  #record(make: () => StepRecord): void {
    this.run.scheduler.settleLater(() => {
      if (!this.#isAbandoned) recordOutcome(this.run, this.plan, make());
    });
  }

  #base(): RecordBase {
    return {
      key: this.plan.key,
      nodeId: this.plan.node.id,
      startedAt: this.#startedAt,
      durationMs: this.run.since(this.#startedAt),
      attempts: 1,
      isEnvelope: true,
      ...(this.rounds === 0 ? {} : { rounds: this.rounds }),
    };
  }
}

function tooSlow(name: string, timeoutMs: number): HeddleError {
  return new HeddleError("step_timeout", `"${name}" took longer than the ${timeoutMs} ms it may.`, { details: { timeoutMs } });
}
