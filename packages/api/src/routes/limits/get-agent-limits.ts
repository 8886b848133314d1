import { agentLimits } from "@heddle/schema";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const getAgentLimits = defineRoute({
  id: "limits.getAgent",
  method: "GET",
  path: "/api/agents/:id/limits",
  summary: "How often and how many times at once an agent may be run",
  auth: "session-or-key",
  permission: "read",
  params: idParams,
  success: { status: 200, schema: agentLimits },
  handle: ({ platform, params }, actor) => platform.limits.byAgent(actor, params.id),
});
