import { agentLimits, agentLimitsUpdate } from "@heddle/schema";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const updateAgentLimits = defineRoute({
  id: "limits.updateAgent",
  method: "PUT",
  path: "/api/agents/:id/limits",
  summary: "Limit how often and how many times at once an agent may be run",
  description:
    "`rateLimit` is in calls a minute of all callers together, `concurrency` in runs at once. Callers who wait for their answer get 429 above it, queued runs wait. What is absent stays as it is; null is no limit of its own.",
  auth: "session-or-key",
  permission: "deploy",
  params: idParams,
  body: agentLimitsUpdate,
  success: { status: 200, schema: agentLimits },
  handle: ({ platform, params, body }, actor) => platform.limits.updateAgent(actor, params.id, body),
});
