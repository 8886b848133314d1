import type { RunEnd } from "@heddle/platform/executions/execution-engine";
import { executionResultOf } from "@heddle/platform/executions/execution-result";
import { runProblem } from "./problem.ts";

/** What is said of a run that left its process. */
export interface EndAnswer {
  status: number;
  type: "application/json" | "application/problem+json";
  body: unknown;
  headers?: Record<string, string>;
}

/** The result of a run that completed, the problem of one that did not, and what one waits for that is suspended. */
export function endAnswer(executionId: string, end: RunEnd): EndAnswer {
  if (end.status === "completed") return { status: 200, type: "application/json", body: executionResultOf(executionId, end) };
  if (end.status === "waiting") {
    const waits = end.waits.map(({ nodeId, kind, dueAt }) => ({ nodeId, kind, ...(dueAt === undefined ? {} : { dueAt }) }));
    return { status: 202, type: "application/json", body: { executionId, status: "WAITING", waits } };
  }
  const body = runProblem(end.error, executionId);
  const { retryAfterMs } = end.error;
  const headers = retryAfterMs === undefined ? {} : { headers: { "retry-after": String(Math.ceil(retryAfterMs / 1_000)) } };
  return { status: body.status, type: "application/problem+json", body, ...headers };
}
