import type { NodeHandler, StepResult } from "@heddle/node-kit";
import { HeddleError, toErrorInfo, type ErrorInfo, type Json, type ModelCall, type StepRecord } from "@heddle/schema";
import type { Abandonable, ActiveRun } from "./active-run.ts";
import { admitValue } from "./admit-value.ts";
import type { Alarm } from "./alarms.ts";
import type { Scope } from "./compile-params.ts";
import { ERROR_PORT, type CompiledNode } from "./compiled-agent.ts";
import { retryDelay } from "./retry-delay.ts";
import { StepAttempt } from "./step-attempt.ts";
import { TryContext, type ArrivalsByPort } from "./step-context.ts";

/** One run of a node: what is needed to start it. */
export interface StepPlan {
  readonly node: CompiledNode;
  readonly key: string;
  readonly scope: Scope;
  readonly arrivals: ArrivalsByPort;
  /** Used instead of running the node. */
  readonly pin?: Json;
  /** `inner` for a tool: its failure is its caller's to handle. */
  readonly kind: "flow" | "inner";
  /** Called once the outcome is in the journal, maybe before `start` returns. */
  readonly onEnd: (record: StepRecord) => void;
  /** Called instead of `onEnd` when nobody wants the outcome any more. */
  readonly onAbandon?: (reason: HeddleError) => void;
}

/** Runs a node until it has an outcome: tries, waits, tries again, and writes the outcome to the journal. */
export class StepRun implements Abandonable {
  readonly #run: ActiveRun;
  readonly #plan: StepPlan;
  readonly #modelCalls: ModelCall[] = [];
  #params: Record<string, unknown> = {};
  #startedAt = 0;
  #attempts = 0;
  #attempt: StepAttempt | undefined;
  /** The current try's time limit, or the end of the wait for the next. */
  #alarm: Alarm | undefined;
  #isSettled = false;

  constructor(run: ActiveRun, plan: StepPlan) {
    this.#run = run;
    this.#plan = plan;
  }

  start(): void {
    const { node, key, scope } = this.#plan;
    const limit = this.#run.budget.takeStep();
    if (limit !== undefined) {
      this.#run.fail(limit, node.id);
      return;
    }
    this.#startedAt = this.#run.now();
    this.#attempts = 1;
    if (this.#run.isWatched) this.#run.emit({ type: "step.started", at: this.#startedAt, key, nodeId: node.id });
    if (this.#plan.pin !== undefined) {
      this.#succeed({ output: this.#plan.pin });
      return;
    }
    const handler = this.#run.handlers.get(node.type);
    if (handler === undefined) {
      this.#settleFailure(new HeddleError("not_configured", `Nodes of the type "${node.type}" can't run here.`));
      return;
    }
    try {
      this.#params = node.params.resolve(scope);
    } catch (error) {
      this.#settleFailure(this.#asHeddleError(error));
      return;
    }
    this.#try(handler);
  }

  /** Gives up: whatever the handler still does has no effect. */
  abandon(reason: HeddleError): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#endAttempt(reason);
    this.#run.leave(this);
    this.#plan.onAbandon?.(reason);
  }

  #try(handler: NodeHandler): void {
    const attempt = new StepAttempt();
    this.#attempt = attempt;
    let result: Promise<StepResult> | StepResult;
    try {
      result = handler.run(
        new TryContext({
          run: this.#run,
          plan: this.#plan,
          params: this.#params,
          attempt,
          recordModelCall: (call) => this.#recordModelCall(attempt, call),
          startInner: (plan) => this.#startInner(attempt, plan),
        }),
      );
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
    this.#run.enter(this);
    const { timeoutMs } = this.#plan.node;
    this.#alarm = this.#run.alarms.set(this.#run.now() + timeoutMs, () => this.#failTry(attempt, stepTimeout(this.#plan.node), handler));
    result
      .then(
        (value) => this.#succeedTry(attempt, value, handler),
        (error: unknown) => this.#failTry(attempt, error, handler),
      )
      .then(undefined, (fault: unknown) => this.#run.crash(fault));
  }

  #succeedTry(attempt: StepAttempt, result: StepResult, handler: NodeHandler): void {
    if (attempt.isOver) return;
    let output: Json;
    try {
      output = admitValue(result.output, this.#run.budget.maxValueBytes);
    } catch (error) {
      this.#failTry(attempt, error, handler);
      return;
    }
    this.#endAttempt();
    this.#succeed(result.ports === undefined ? { output } : { output, ports: result.ports });
  }

  #failTry(attempt: StepAttempt, error: unknown, handler: NodeHandler): void {
    if (attempt.isOver) return;
    const failure = this.#asHeddleError(error);
    this.#endAttempt(failure);
    const delayMs = this.#delayBeforeRetry(failure);
    if (delayMs === undefined) {
      this.#settleFailure(failure);
      return;
    }
    const { node, key } = this.#plan;
    const at = this.#run.now();
    this.#attempts += 1;
    this.#run.enter(this);
    this.#alarm = this.#run.alarms.set(at + delayMs, () => this.#try(handler));
    if (this.#run.isWatched) {
      this.#run.emit({
        type: "step.retrying",
        at,
        key,
        nodeId: node.id,
        attempt: this.#attempts,
        delayMs,
        error: toErrorInfo(failure, node.id),
      });
    }
  }

  /** Undefined when another try is not due, or would come after the run's own end. */
  #delayBeforeRetry(failure: HeddleError): number | undefined {
    const { retry } = this.#plan.node;
    if (retry === undefined || !failure.retryable || this.#attempts >= retry.maxAttempts) return undefined;
    const delayMs = retryDelay(retry, this.#attempts, this.#run.options.random, failure.retryAfterMs);
    return this.#run.now() + delayMs < this.#run.deadline ? delayMs : undefined;
  }

  #succeed({ output, ports }: StepResult): void {
    this.#settle({ ...this.#base(), status: "completed", output, ports: ports ?? (this.#plan.node.outputPorts as string[]) });
  }

  #settleFailure(failure: HeddleError): void {
    const { node, kind } = this.#plan;
    const error = toErrorInfo(failure, node.id);
    const policy = kind === "inner" || isFatal(failure) ? "fail" : node.node.onError;
    const base = { ...this.#base(), status: "failed", error } as const;
    if (policy === "continue") this.#settle({ ...base, ports: node.outputPorts as string[], output: failureOutput(base) });
    else this.#settle({ ...base, ports: policy === "branch" ? [ERROR_PORT] : [] });
  }

  #settle(record: StepRecord): void {
    this.#isSettled = true;
    this.#run.leave(this);
    this.#run.journal.append(record, () => {
      if (this.#run.isOver) {
        this.#plan.onAbandon?.(new HeddleError("run_cancelled", "The run has ended."));
        return;
      }
      if (this.#run.isWatched) {
        const type = record.status === "completed" ? "step.completed" : "step.failed";
        this.#run.emit({ type, at: this.#run.now(), key: record.key, nodeId: record.nodeId, step: record });
      }
      this.#plan.onEnd(record);
    });
  }

  #base(): { key: string; nodeId: string; startedAt: number; durationMs: number; attempts: number; modelCalls?: ModelCall[] } {
    return {
      key: this.#plan.key,
      nodeId: this.#plan.node.id,
      startedAt: this.#startedAt,
      durationMs: this.#run.since(this.#startedAt),
      attempts: this.#attempts,
      ...(this.#modelCalls.length === 0 ? {} : { modelCalls: this.#modelCalls }),
    };
  }

  #endAttempt(reason?: HeddleError): void {
    if (this.#alarm !== undefined) this.#run.alarms.cancel(this.#alarm);
    this.#alarm = undefined;
    this.#attempt?.end(reason);
  }

  /** The same call told twice (a retried step repeats what it kept by `once`) counts once. */
  #recordModelCall(attempt: StepAttempt, call: ModelCall): void {
    if (attempt.isOver || this.#modelCalls.includes(call)) return;
    this.#modelCalls.push(call);
    const limit = this.#run.budget.takeTokens(call);
    if (limit === undefined) return;
    this.#endAttempt(limit);
    this.#settleFailure(limit);
    // A tool's failure is its caller's to handle, but there is nothing to handle here.
    if (this.#plan.kind === "inner") this.#run.fail(limit, this.#plan.node.id);
    throw limit;
  }

  #startInner(attempt: StepAttempt, plan: StepPlan): void {
    const inner = new StepRun(this.#run, plan);
    attempt.inner.add(inner);
    inner.start();
  }

  #asHeddleError(error: unknown): HeddleError {
    if (error instanceof HeddleError && error.code !== "internal") return error;
    this.#run.reportFault(error, this.#plan.key);
    return error instanceof HeddleError ? error : new HeddleError("internal", toErrorInfo(error).message, { cause: error });
  }
}

/** What a failed node that continues, or branches, passes on. */
export function failureOutput(failed: { error: ErrorInfo }): Json {
  return { error: failed.error as unknown as Json };
}

/** Limits of the run end it, whatever the node's policy. */
function isFatal(failure: HeddleError): boolean {
  return failure.code === "token_limit" || failure.code === "step_limit" || failure.code === "run_timeout";
}

function stepTimeout(node: CompiledNode): HeddleError {
  return new HeddleError("step_timeout", `"${node.name}" took longer than the ${node.timeoutMs} ms it may.`, {
    details: { timeoutMs: node.timeoutMs },
    hint: "Raise the node's time limit, or let it do less.",
  });
}

function isPromiseLike<T>(value: Promise<T> | T): value is Promise<T> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
