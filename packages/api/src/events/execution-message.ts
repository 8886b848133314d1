import type { ExecutionEvent } from "@heddle/platform/executions/execution-events";
import { executionResultOf } from "@heddle/platform/executions/execution-result";
import type { ExecutionResult, ProblemDocument, RunEvent } from "@heddle/schema";
import { runProblem } from "../http/problem.ts";

/** What watchers of runs are told, by SSE and by WebSocket. */
export interface ExecutionMessage {
  /** Counts from 1 within the execution. */
  id: number;
  type: "agent.execution.started" | "agent.execution.progress" | "agent.execution.completed" | "agent.execution.failed";
  data: { executionId: string; event?: RunEvent; result?: ExecutionResult; error?: ProblemDocument };
}

/** Puts a run's event into the words of the public API. */
export function toExecutionMessage({ id, executionId, event }: ExecutionEvent): ExecutionMessage {
  if (event.type === "run.started") return { id, type: "agent.execution.started", data: { executionId, event } };
  if (event.type !== "run.finished") return { id, type: "agent.execution.progress", data: { executionId, event } };
  return { id, ...endMessage(executionId, event) };
}

/** The message that no other follows. */
export function endMessage(executionId: string, event: Extract<RunEvent, { type: "run.finished" }>): Omit<ExecutionMessage, "id"> {
  const { outcome } = event;
  return outcome.status === "completed"
    ? { type: "agent.execution.completed", data: { executionId, event, result: executionResultOf(executionId, outcome) } }
    : { type: "agent.execution.failed", data: { executionId, event, error: runProblem(outcome.error, executionId) } };
}

/** True for the message that no other follows. */
export function isLastMessage(message: ExecutionMessage): boolean {
  return message.type === "agent.execution.completed" || message.type === "agent.execution.failed";
}
