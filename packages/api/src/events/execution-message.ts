import type { ExecutionEvent } from "@heddle/platform/events/execution-event";
import { executionResultOf } from "@heddle/platform/executions/execution-result";
import type { ExecutionResult, ProblemDocument, RunEvent } from "@heddle/schema";
import { runProblem } from "../http/problem.ts";

/** What watchers of runs are told, by SSE and by WebSocket. */
export interface ExecutionMessage {
  /** Grows within the execution, not always by one. */
  id: number;
  type: `agent.execution.${"started" | "progress" | "waiting" | "completed" | "failed"}`;
  data: { executionId: string; agentId: string; event: RunEvent; result?: ExecutionResult; error?: ProblemDocument };
}

/** Puts a run's event into the words of the public API. */
export function toExecutionMessage({ id, executionId, agentId, event }: ExecutionEvent): ExecutionMessage {
  const data = { executionId, agentId, event };
  if (event.type === "run.started") return { id, type: "agent.execution.started", data };
  if (event.type === "run.waiting") return { id, type: "agent.execution.waiting", data };
  if (event.type !== "run.finished") return { id, type: "agent.execution.progress", data };
  const { outcome } = event;
  return outcome.status === "completed"
    ? { id, type: "agent.execution.completed", data: { ...data, result: executionResultOf(executionId, outcome) } }
    : { id, type: "agent.execution.failed", data: { ...data, error: runProblem(outcome.error, executionId) } };
}
