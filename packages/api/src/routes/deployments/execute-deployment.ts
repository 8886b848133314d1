import type { RateVerdict } from "@heddle/platform/limits/rate-limiter";
import { executeInput, executionResult } from "@heddle/schema";
import { noteVerdict } from "../../http/count-request.ts";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";
import { queueQuery, startTime } from "../../http/queue-query.ts";
import { answerRun, runMode } from "../../http/run-answer.ts";

export const executeDeployment = defineRoute({
  id: "deployments.execute",
  method: "POST",
  path: "/api/deployments/:id/execute",
  summary: "Run a deployed agent",
  description:
    "Answers when the run has ended; with `?stream=1` or `Accept: text/event-stream` it streams events, with `?async=1` it answers 202 once the execution is committed. Such a run is taken by a worker, begins at `startAt` or after `delayMs` where one of them is given, and is tried up to five times where it fails for a passing reason. A run that fails answers a problem document with its `executionId`.",
  auth: "session-or-key",
  permission: "execute",
  params: idParams,
  query: queueQuery,
  body: executeInput,
  rate: "run",
  success: { status: 200, schema: executionResult },
  handle: async ({ platform, settings, params, query, body, request }, actor) => {
    const mode = runMode(query, request.headers.get("accept"));
    const startAt = startTime(query, mode, Date.now());
    const call = {
      ...body,
      isWatched: mode !== "wait",
      onRate: (verdict: RateVerdict) => noteVerdict(request, verdict),
      idempotencyKey: request.headers.get("idempotency-key") ?? undefined,
    };
    if (mode === "async") {
      const { executionId } = await platform.runs.queueDeployment(actor, params.id, { ...call, startAt });
      return Response.json({ executionId, status: "PENDING" }, { status: 202 });
    }
    const run = await platform.runs.executeDeployment(actor, params.id, call);
    return await answerRun(run, mode, { context: { platform, settings }, request, actor, permission: "execute" });
  },
});
