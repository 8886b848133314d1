import { agentDetail } from "@heddle/schema";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const duplicateAgent = defineRoute({
  id: "agents.duplicate",
  method: "POST",
  path: "/api/agents/:id/duplicate",
  summary: "Copy an agent's draft into a new agent",
  auth: "session-or-key",
  permission: "write",
  params: idParams,
  success: { status: 201, schema: agentDetail },
  handle: ({ platform, params }, actor) => platform.agents.duplicate(actor, params.id),
});
