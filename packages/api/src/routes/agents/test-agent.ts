import { executeInput, executionResult } from "@heddle/schema";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";
import { answerRun, runMode, runQuery } from "../../http/run-answer.ts";

export const testAgent = defineRoute({
  id: "agents.test",
  method: "POST",
  path: "/api/agents/:id/test",
  summary: "Run an agent's draft",
  description: "Answers when the run has ended; with `?stream=1` it streams events, with `?async=1` it answers 202 at once.",
  auth: "session-or-key",
  permission: "execute",
  params: idParams,
  query: runQuery,
  body: executeInput,
  rate: "run",
  success: { status: 200, schema: executionResult },
  handle: async ({ platform, settings, params, query, body, request }, actor) => {
    const mode = runMode(query, request.headers.get("accept"));
    const run = await platform.runs.testAgent(actor, params.id, { ...body, isWatched: true });
    return await answerRun(run, mode, { context: { platform, settings }, request, actor, permission: "execute" });
  },
});
