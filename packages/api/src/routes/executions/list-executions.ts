import { executionResource, executionStatus, page, pageQuery } from "@heddle/schema";
import { z } from "zod";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const listExecutions = defineRoute({
  id: "executions.list",
  method: "GET",
  path: "/api/workspaces/:id/executions",
  summary: "Executions of a workspace, newest first",
  auth: "session-or-key",
  permission: "read",
  params: idParams,
  query: pageQuery.extend({ agentId: z.uuid().optional(), deploymentId: z.uuid().optional(), status: executionStatus.optional() }),
  rate: "run",
  success: { status: 200, schema: page(executionResource) },
  handle: ({ platform, params, query }, actor) => platform.executions.list(actor, { workspaceId: params.id, ...query }),
});
