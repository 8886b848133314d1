import { HeddleError, toErrorInfo, type ErrorInfo, type Json, type ModelCall, type StateUpdate, type StepRecord } from "@heddle/schema";
import type { ActiveRun } from "./active-run.ts";
import { isRunLimit } from "./budget.ts";
import { ERROR_PORT } from "./compiled-agent.ts";
import type { StepPlan } from "./step-plan.ts";

/** What every record of a step says. */
export interface RecordBase {
  key: string;
  nodeId: string;
  startedAt: number;
  durationMs: number;
  attempts: number;
  modelCalls?: ModelCall[];
  state?: StateUpdate[];
  isEnvelope?: true;
  rounds?: number;
}

/** The record of a failure, as the node's policy has it. */
export function failureRecord(plan: StepPlan, base: RecordBase, error: ErrorInfo): StepRecord {
  const { node, kind } = plan;
  const isFinal = kind === "inner" || isRunLimit(error) || (error.code === "run_stopped" && node.task.kind === "handler");
  const policy = isFinal ? "fail" : node.onError;
  if (policy === "continue")
    return { ...base, status: "failed", error, ports: node.outputPorts as string[], output: failureOutput({ error }) };
  return { ...base, status: "failed", error, ports: policy === "branch" ? [ERROR_PORT] : [] };
}

/** What a failed node that continues, or branches, passes on. */
export function failureOutput(failed: { error: ErrorInfo }): Json {
  return { error: failed.error as unknown as Json };
}

/** Whether a recorded failure was the end of its frame, and not gone on from. */
export function isEnding(record: StepRecord): boolean {
  return record.status === "failed" && record.output === undefined && !record.ports.includes(ERROR_PORT);
}

/** Writes an outcome to the journal; then tells of it and follows it. */
export function recordOutcome(run: ActiveRun, plan: StepPlan, record: StepRecord): void {
  run.journal.append(record, () => {
    // Inside another step, which may be tried again and must then find what it has already done.
    (plan.records ?? plan.frame.activation.records)?.set(record.key, record);
    if (run.isOver) {
      plan.onAbandon?.(new HeddleError("run_cancelled", "The run has ended."));
      return;
    }
    if (run.isWatched) {
      const type = record.status === "completed" ? "step.completed" : "step.failed";
      run.emit({ type, at: run.now(), key: record.key, nodeId: record.nodeId, step: record });
    }
    plan.onEnd(record);
  });
}

/** An error as this package's own; what was not meant to be thrown is reported and keeps no text. */
export function asHeddleError(run: ActiveRun, plan: StepPlan, error: unknown): HeddleError {
  if (error instanceof HeddleError && error.code !== "internal") return error;
  run.reportFault(error, plan.key);
  return error instanceof HeddleError ? error : new HeddleError("internal", toErrorInfo(error).message, { cause: error });
}
