import type { StartedRun } from "@heddle/platform/executions/execution-engine";
import { z } from "zod";
import { EventStream } from "../events/event-stream.ts";
import { guardStream, sinkOf, type StreamCaller } from "../events/stream-events.ts";
import { endAnswer } from "./end-answer.ts";

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
export async function answerRun(run: StartedRun, mode: RunMode, caller: StreamCaller): Promise<Response> {
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
  // Its end is told also where it goes on at another process, or has begun there: under the key of an earlier request.
  finished.catch(() => undefined);
  const stream = new EventStream();
  const { workspaceId, agentId } = run;
  const stop = caller.context.platform.executionEvents.watchRun({ workspaceId, agentId, executionId }, sinkOf(stream));
  guardStream(stream, caller, { workspaceId, stop });
  return stream.response({ "x-execution-id": executionId });
}

function isOn(value: string | undefined): boolean {
  return value === "1" || value === "true";
}
