import { traceResource } from "@heddle/schema";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const getTrace = defineRoute({
  id: "executions.trace",
  method: "GET",
  path: "/api/executions/:id/trace",
  summary: "The steps of an execution, in order of their start",
  auth: "session-or-key",
  permission: "read",
  params: idParams,
  rate: "run",
  success: { status: 200, schema: traceResource },
  handle: ({ platform, params }, actor) => platform.executions.trace(actor, params.id),
});
