import { agentResource, page, pageQuery } from "@heddle/schema";
import { z } from "zod";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const listAgents = defineRoute({
  id: "agents.list",
  method: "GET",
  path: "/api/workspaces/:id/agents",
  summary: "Agents of a workspace, the latest changed first",
  auth: "session-or-key",
  permission: "read",
  params: idParams,
  query: pageQuery.extend({ search: z.string().max(120).optional() }),
  success: { status: 200, schema: page(agentResource) },
  handle: ({ platform, params, query }, actor) => platform.agents.list(actor, { workspaceId: params.id, ...query }),
});
