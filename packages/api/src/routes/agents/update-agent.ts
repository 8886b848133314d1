import { agentDetail, agentUpdate } from "@heddle/schema";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const updateAgent = defineRoute({
  id: "agents.update",
  method: "PUT",
  path: "/api/agents/:id",
  summary: "Change an agent",
  description:
    "Fields that are left out stay as they are. With `revision`, a draft that was saved by someone else in the meantime answers 409 `conflict`.",
  auth: "session-or-key",
  permission: "write",
  params: idParams,
  body: agentUpdate,
  success: { status: 200, schema: agentDetail },
  handle: ({ platform, params, body }, actor) => platform.agents.update(actor, params.id, body),
});
