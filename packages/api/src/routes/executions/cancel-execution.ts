import { executionResource } from "@heddle/schema";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const cancelExecution = defineRoute({
  id: "executions.cancel",
  method: "POST",
  path: "/api/executions/:id/cancel",
  summary: "Stop an execution",
  description: "Answers once the wish is noted; the run ends within five seconds.",
  auth: "session-or-key",
  permission: "execute",
  params: idParams,
  rate: "run",
  success: { status: 202, schema: executionResource },
  handle: ({ platform, params }, actor) => platform.executions.cancel(actor, params.id),
});
