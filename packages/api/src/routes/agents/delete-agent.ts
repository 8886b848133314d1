import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const deleteAgent = defineRoute({
  id: "agents.delete",
  method: "DELETE",
  path: "/api/agents/:id",
  summary: "Delete an agent with its versions, deployment and executions",
  auth: "session-or-key",
  permission: "write",
  params: idParams,
  success: { status: 204 },
  handle: ({ platform, params }, actor) => platform.agents.delete(actor, params.id),
});
