import type { NodeHandler, StepResult } from "@heddle/node-kit";
import { HeddleError, toErrorInfo, type Json, type ModelCall, type StateUpdate, type StepRecord } from "@heddle/schema";
import type { Abandonable, ActiveRun } from "./active-run.ts";
import type { InnerRecords } from "./activation.ts";
import { admitValue } from "./admit-value.ts";
import type { Alarm } from "./alarms.ts";
import type { CompiledNode } from "./compiled-agent.ts";
import { asHeddleError, failureRecord, recordOutcome, type RecordBase } from "./record-outcome.ts";
import { retryDelay } from "./retry-delay.ts";
import { StepAttempt } from "./step-attempt.ts";
import { TryContext, type StepInside } from "./step-context.ts";
import { scopeFor, type Resting, type StepPlan } from "./step-plan.ts";

/** Runs a node until it has an outcome: tries, waits, tries again, and writes the outcome to the journal. */
export class StepRun implements Abandonable, StepInside {
  readonly run: ActiveRun;
  readonly plan: StepPlan;
  readonly #handler: NodeHandler | undefined;
  #modelCalls: ModelCall[] | undefined;
  params: Record<string, unknown> = NO_PARAMS;
  #fault: HeddleError | undefined;
  #records: InnerRecords | undefined;
  #startedAt = 0;
  #attempts = 0;
  #attempt: StepAttempt | undefined;
  /** The current try's time limit, or the end of the wait for the next. */
  #alarm: Alarm | undefined;
  /** Waits, its own and its tools', that the time limit rests for. */
  #resting = 0;
  #hasWaited = false;
  #isSettled = false;

  /** @param handler what runs instead of the node type's own handler */
  constructor(run: ActiveRun, plan: StepPlan, handler?: NodeHandler) {
    this.run = run;
    this.plan = plan;
    this.#handler = handler ?? run.handlers.get(plan.node.type);
    this.#records = plan.records ?? plan.frame.activation.records;
    if (plan.pin !== undefined || this.#handler === undefined) return;
    // Read when the step's turn comes and not when it gets to it, so that what it sees is the same after a resume.
    try {
      this.params = plan.node.params.resolve(scopeFor(plan));
    } catch (error) {
      this.#fault = asHeddleError(run, plan, error);
    }
  }

  start(): void {
    const { run, plan } = this;
    const { node, key } = plan;
    const limit = run.budget.takeStep(plan.frame.isInRound);
    if (limit !== undefined) {
      run.fail(limit, node.id);
      return;
    }
    this.#startedAt = run.now();
    this.#attempts = 1;
    if (run.isWatched) run.emit({ type: "step.started", at: this.#startedAt, key, nodeId: node.id });
    if (plan.pin !== undefined) this.#succeed(plan.pin);
    else if (this.#handler === undefined) {
      this.#settleFailure(new HeddleError("not_configured", `Nodes of the type "${node.type}" can't run here.`));
    } else if (this.#fault !== undefined) this.#settleFailure(this.#fault);
    else this.#try(this.#handler);
  }

  /** Gives up: whatever the handler still does has no effect. */
  abandon(reason: HeddleError): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#endAttempt(reason);
    this.run.leave(this);
    this.plan.onAbandon?.(reason);
  }

  get isParked(): boolean {
    return this.#attempt !== undefined && !this.#attempt.isOver && this.#attempt.isParked;
  }

  get records(): InnerRecords {
    this.#records ??= new Map();
    return this.#records;
  }

  find(key: string): StepRecord | undefined {
    return this.#records?.get(key) ?? this.run.journal.find(key)?.record;
  }

  noteWait(since: number): void {
    this.#hasWaited = true;
    this.#startedAt = Math.min(this.#startedAt, since);
  }

  rest(): void {
    this.#resting += 1;
    this.#cancelAlarm();
    this.#hasWaited = true;
    this.#host?.rest();
  }

  wake(): void {
    this.#resting -= 1;
    this.#host?.wake();
    const attempt = this.#attempt;
    if (this.#resting === 0 && attempt !== undefined && !attempt.isOver && this.#handler !== undefined) this.#limit(attempt, this.#handler);
  }

  get #host(): Resting | undefined {
    return this.plan.host ?? this.plan.frame.activation.host;
  }

  /** The same call told twice (a retried step repeats what it kept by `once`) counts once. */
  recordModelCall(attempt: StepAttempt, call: ModelCall): void {
    if (attempt.isOver || this.#modelCalls?.includes(call) === true) return;
    (this.#modelCalls ??= []).push(call);
    const limit = this.run.budget.takeModelCall(call);
    if (limit === undefined) return;
    this.#endAttempt(limit);
    this.#settleFailure(limit);
    // A tool's failure is its caller's to handle, but there is nothing to handle here.
    if (this.plan.kind === "inner") this.run.fail(limit, this.plan.node.id);
    throw limit;
  }

  startInner(attempt: StepAttempt, plan: StepPlan): void {
    const tool = this.run.scheduler.toolFor({
      ...plan,
      onEnd: (record) => {
        attempt.leave(tool, record.state);
        plan.onEnd(record);
      },
    });
    attempt.enter(tool);
    tool.start();
  }

  #try(handler: NodeHandler): void {
    const attempt = new StepAttempt();
    this.#attempt = attempt;
    let result: Promise<StepResult> | StepResult;
    try {
      result = handler.run(new TryContext(this, attempt));
    } catch (error) {
      this.#failTry(attempt, error, handler);
      return;
    }
    if (!isPromiseLike(result)) {
      this.#succeedTry(attempt, result, handler);
      return;
    }
    if (attempt.isOver) {
      // The handler ended its own step before it returned, by using more tokens than there are.
      result.then(undefined, () => {});
      return;
    }
    this.run.enter(this);
    if (this.#resting === 0) this.#limit(attempt, handler);
    result
      .then(
        (value) => this.#succeedTry(attempt, value, handler),
        (error: unknown) => this.#failTry(attempt, error, handler),
      )
      .then(undefined, (fault: unknown) => this.run.crash(fault));
  }

  /** Sets the time limit of a try. */
  #limit(attempt: StepAttempt, handler: NodeHandler): void {
    const { node } = this.plan;
    this.#alarm = this.run.alarms.set(this.run.now() + node.timeoutMs, () => this.#failTry(attempt, stepTimeout(node), handler));
  }

  #succeedTry(attempt: StepAttempt, result: StepResult, handler: NodeHandler): void {
    if (attempt.isOver) return;
    let output: Json;
    try {
      output = admitValue(result.output, this.run.budget.maxValueBytes);
      if (result.state !== undefined) this.#admitUpdates(attempt, result.state);
    } catch (error) {
      this.#failTry(attempt, error, handler);
      return;
    }
    this.#endAttempt();
    this.#succeed(output, result.ports);
  }

  #admitUpdates(attempt: StepAttempt, given: StateUpdate[]): void {
    const { maxValueBytes } = this.run.budget;
    const updates = given.map(({ name, value }) => ({ name, value: admitValue(value, maxValueBytes) }));
    const problem = this.plan.frame.activation.state.check(updates);
    if (problem !== undefined) throw problem;
    attempt.addUpdates(updates);
  }

  #failTry(attempt: StepAttempt, error: unknown, handler: NodeHandler): void {
    if (attempt.isOver) return;
    const { run, plan } = this;
    const failure = asHeddleError(run, plan, error);
    this.#endAttempt(failure);
    const delayMs = this.#delayBeforeRetry(failure);
    if (delayMs === undefined) {
      this.#settleFailure(failure);
      return;
    }
    const at = run.now();
    this.#attempts += 1;
    run.enter(this);
    this.#alarm = run.alarms.set(at + delayMs, () => this.#try(handler));
    if (run.isWatched) {
      const { key, node } = plan;
      const retrying = { at, key, nodeId: node.id, attempt: this.#attempts, delayMs };
      run.emit({ type: "step.retrying", ...retrying, error: toErrorInfo(failure, node.id) });
    }
  }

  /** Undefined when another try is not due, or would come after the run's own end. */
  #delayBeforeRetry(failure: HeddleError): number | undefined {
    const { retry } = this.plan.node;
    if (retry === undefined || !failure.retryable || this.#attempts >= retry.maxAttempts) return undefined;
    const delayMs = retryDelay(retry, this.#attempts, this.run.options.random, failure.retryAfterMs);
    return this.run.now() + delayMs < this.run.deadline ? delayMs : undefined;
  }

  #succeed(output: Json, ports: string[] = this.plan.node.outputPorts as string[]): void {
    const { key, node } = this.plan;
    const startedAt = this.#startedAt;
    // Written out, because a copy of its base would cost as much as all the rest of it.
    this.#settle(
      this.#annotated<StepRecord>({
        key,
        nodeId: node.id,
        startedAt,
        durationMs: this.run.since(startedAt),
        attempts: this.#attempts,
        status: "completed",
        output,
        ports,
      }),
    );
  }

  #settleFailure(failure: HeddleError): void {
    this.#settle(failureRecord(this.plan, this.#base(), toErrorInfo(failure, this.plan.node.id)));
  }

  #settle(record: StepRecord): void {
    this.#isSettled = true;
    this.run.leave(this);
    recordOutcome(this.run, this.plan, record);
  }

  #base(): RecordBase {
    return this.#annotated<RecordBase>({
      key: this.plan.key,
      nodeId: this.plan.node.id,
      startedAt: this.#startedAt,
      durationMs: this.run.since(this.#startedAt),
      attempts: this.#attempts,
    });
  }

  /** A record with what few steps have to say. */
  #annotated<T extends RecordBase>(record: T): T {
    if (this.#modelCalls !== undefined) record.modelCalls = this.#modelCalls;
    const updates = this.#attempt?.updates;
    if (updates !== undefined) record.state = updates;
    if (this.#hasWaited) record.isEnvelope = true;
    return record;
  }

  #endAttempt(reason?: HeddleError): void {
    this.#cancelAlarm();
    const attempt = this.#attempt;
    if (attempt === undefined) return;
    attempt.end(reason);
    if (attempt.isWaiting) this.run.waits.drop(this.plan.key);
  }

  #cancelAlarm(): void {
    if (this.#alarm !== undefined) this.run.alarms.cancel(this.#alarm);
    this.#alarm = undefined;
  }
}

const NO_PARAMS: Record<string, unknown> = Object.freeze({});

function stepTimeout(node: CompiledNode): HeddleError {
  return new HeddleError("step_timeout", `"${node.name}" took longer than the ${node.timeoutMs} ms it may.`, {
    details: { timeoutMs: node.timeoutMs },
    hint: "Raise the node's time limit, or let it do less.",
  });
}

function isPromiseLike<T>(value: Promise<T> | T): value is Promise<T> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
