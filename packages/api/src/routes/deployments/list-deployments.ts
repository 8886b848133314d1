import { deploymentResource, page, pageQuery } from "@heddle/schema";
import { z } from "zod";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const listDeployments = defineRoute({
  id: "deployments.list",
  method: "GET",
  path: "/api/workspaces/:id/deployments",
  summary: "Deployments of a workspace, newest first",
  auth: "session-or-key",
  permission: "read",
  params: idParams,
  query: pageQuery.extend({ agentId: z.uuid().optional() }),
  success: { status: 200, schema: page(deploymentResource) },
  handle: ({ platform, params, query }, actor) => platform.deployments.list(actor, { workspaceId: params.id, ...query }),
});
