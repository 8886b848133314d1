import { executeInput, executionResult } from "@heddle/schema";
import { noteVerdict } from "../../http/count-request.ts";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";
import { answerRun, runMode, runQuery } from "../../http/run-answer.ts";

export const executeDeployment = defineRoute({
  id: "deployments.execute",
  method: "POST",
  path: "/api/deployments/:id/execute",
  summary: "Run a deployed agent",
  description:
    "Answers when the run has ended; with `?stream=1` or `Accept: text/event-stream` it streams events, with `?async=1` it answers 202 once the execution is committed. A run that fails answers a problem document with its `executionId`.",
  auth: "session-or-key",
  permission: "execute",
  params: idParams,
  query: runQuery,
  body: executeInput,
  rate: "run",
  success: { status: 200, schema: executionResult },
  handle: async ({ platform, params, query, body, request }, actor) => {
    const mode = runMode(query, request.headers.get("accept"));
    const run = await platform.runs.executeDeployment(actor, params.id, {
      ...body,
      isWatched: mode !== "wait",
      onRate: (verdict) => noteVerdict(request, verdict),
      idempotencyKey: request.headers.get("idempotency-key") ?? undefined,
    });
    return await answerRun(run, mode, platform.executionEvents);
  },
});
