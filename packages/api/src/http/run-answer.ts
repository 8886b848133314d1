import type { StartedRun } from "@heddle/platform/executions/execution-engine";
import type { ExecutionEvents } from "@heddle/platform/executions/execution-events";
import { z } from "zod";
import { eventStream } from "../events/event-stream.ts";
import { endMessage, toExecutionMessage, type ExecutionMessage } from "../events/execution-message.ts";
import { endAnswer } from "./end-answer.ts";
import { toProblemDocument } from "./problem.ts";

const switchOn = z.enum(["0", "1", "true", "false"]).optional();
/** How a caller wants to hear of a run. */
export const runQuery = z.object({ stream: switchOn, async: switchOn });
export type RunMode = "wait" | "stream" | "async";

/** `?async=1` answers at once, `?stream=1` or an Accept header asks for server-sent events, otherwise the answer waits. */
export function runMode(query: z.infer<typeof runQuery>, accept: string | null): RunMode {
  if (isOn(query.async)) return "async";
  return isOn(query.stream) || (accept !== null && accept.includes("text/event-stream")) ? "stream" : "wait";
}

/** Answers for a run that was begun. */
export async function answerRun(run: StartedRun, mode: RunMode, events: ExecutionEvents): Promise<Response> {
  const { executionId, finished } = run;
  if (mode === "wait") {
    const { status, type, body, headers } = endAnswer(executionId, await finished);
    return new Response(JSON.stringify(body), { status, headers: { "content-type": type, ...headers } });
  }
  if (mode === "async") {
    // Nobody waits for it here; the engine keeps account of it.
    finished.catch(() => undefined);
    return Response.json({ executionId, status: "RUNNING" }, { status: 202 });
  }
  return eventStream((listener) => watchRun(run, events, listener), { "x-execution-id": executionId });
}

/** The run's events, and its end also where they don't tell it: a run that was found under its key, or that has to go on elsewhere. */
function watchRun(
  { executionId, finished }: StartedRun,
  events: ExecutionEvents,
  listener: (message: ExecutionMessage) => void,
): () => void {
  let last = 0;
  const stop = events.watchExecution(executionId, (event) => {
    last = event.id;
    listener(toExecutionMessage(event));
  });
  const end = (message: Omit<ExecutionMessage, "id">) => listener({ id: last + 1, ...message });
  finished.then(
    (outcome) => {
      if (outcome.status !== "waiting") end(endMessage(executionId, { type: "run.finished", at: Date.now(), outcome }));
    },
    (error: unknown) => end({ type: "agent.execution.failed", data: { executionId, error: toProblemDocument(error, { executionId }) } }),
  );
  return stop ?? (() => {});
}

function isOn(value: string | undefined): boolean {
  return value === "1" || value === "true";
}
