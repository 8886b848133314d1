import type { StartedRun } from "@heddle/platform/executions/execution-engine";
import type { ExecutionEvents } from "@heddle/platform/executions/execution-events";
import { executionResultOf } from "@heddle/platform/executions/execution-result";
import { z } from "zod";
import { eventStream } from "../events/event-stream.ts";
import { toExecutionMessage } from "../events/execution-message.ts";
import { problemResponse, runProblem } from "./problem.ts";

const switchOn = z.enum(["0", "1", "true", "false"]).optional();
/** How a caller wants to hear of a run. */
export const runQuery = z.object({ stream: switchOn, async: switchOn });
export type RunMode = "wait" | "stream" | "async";

/** `?async=1` answers at once, `?stream=1` or an Accept header asks for server-sent events, otherwise the answer waits. */
export function runMode(query: z.infer<typeof runQuery>, accept: string | null): RunMode {
  if (isOn(query.async)) return "async";
  return isOn(query.stream) || (accept !== null && accept.includes("text/event-stream")) ? "stream" : "wait";
}

/** Answers for a run that was accepted. */
export async function answerRun(run: StartedRun, mode: RunMode, events: ExecutionEvents): Promise<Response> {
  const { executionId, finished } = run;
  if (mode === "wait") {
    const outcome = await finished;
    if (outcome.status !== "completed") return problemResponse(runProblem(outcome.error, executionId));
    return Response.json(executionResultOf(executionId, outcome));
  }
  // Nobody waits for it here; the engine keeps account of it.
  finished.catch(() => undefined);
  if (mode === "async") return Response.json({ executionId, status: "RUNNING" }, { status: 202 });
  return eventStream((listener) => events.watchExecution(executionId, (event) => listener(toExecutionMessage(event))) ?? (() => {}), { "x-execution-id": executionId });
}

function isOn(value: string | undefined): boolean {
  return value === "1" || value === "true";
}
