import { executionResource } from "@heddle/schema";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const getExecution = defineRoute({
  id: "executions.get",
  method: "GET",
  path: "/api/executions/:id",
  summary: "One execution",
  auth: "session-or-key",
  permission: "read",
  params: idParams,
  rate: "run",
  success: { status: 200, schema: executionResource },
  handle: ({ platform, params }, actor) => platform.executions.byId(actor, params.id),
});
