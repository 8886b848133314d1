import { agentDetail } from "@heddle/schema";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const getAgent = defineRoute({
  id: "agents.get",
  method: "GET",
  path: "/api/agents/:id",
  summary: "One agent with its draft and the draft's problems",
  auth: "session-or-key",
  permission: "read",
  params: idParams,
  success: { status: 200, schema: agentDetail },
  handle: ({ platform, params }, actor) => platform.agents.byId(actor, params.id),
});
