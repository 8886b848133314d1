import { deploymentMetrics } from "@heddle/schema";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const getAgentMetrics = defineRoute({
  id: "agents.metrics",
  method: "GET",
  path: "/api/agents/:id/metrics",
  summary: "How an agent's deployments did in the last 30 days",
  description: "All its deployments together, also earlier ones; tests of the draft are left out. Percentiles are within 5 %.",
  auth: "session-or-key",
  permission: "read",
  params: idParams,
  success: { status: 200, schema: deploymentMetrics },
  handle: ({ platform, params }, actor) => platform.agents.metrics(actor, params.id),
});
