import { executionResource, page, pageQuery } from "@heddle/schema";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const listAgentExecutions = defineRoute({
  id: "agents.executions",
  method: "GET",
  path: "/api/agents/:id/executions",
  summary: "Executions of an agent, newest first",
  auth: "session-or-key",
  permission: "read",
  params: idParams,
  query: pageQuery,
  rate: "run",
  success: { status: 200, schema: page(executionResource) },
  handle: ({ platform, params, query }, actor) => platform.executions.listOfAgent(actor, params.id, query),
});
