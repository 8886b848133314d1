import { agentCreate, agentDetail } from "@heddle/schema";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const createAgent = defineRoute({
  id: "agents.create",
  method: "POST",
  path: "/api/workspaces/:id/agents",
  summary: "Make an agent from a document or from a template",
  description:
    "Send `config` with the whole document, or `templateId` with `variables`. Variables that name data sets or knowledge bases may be left out where the template ships its own.",
  auth: "session-or-key",
  permission: "write",
  params: idParams,
  body: agentCreate,
  success: { status: 201, schema: agentDetail },
  handle: ({ platform, params, body }, actor) =>
    "config" in body ? platform.agents.create(actor, params.id, body) : platform.templates.use(actor, { workspaceId: params.id, ...body }),
});
