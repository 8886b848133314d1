import { deploymentMetrics } from "@heddle/schema";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const getDeploymentMetrics = defineRoute({
  id: "deployments.metrics",
  method: "GET",
  path: "/api/deployments/:id/metrics",
  summary: "How a deployment did in the last 30 days",
  auth: "session-or-key",
  permission: "read",
  params: idParams,
  success: { status: 200, schema: deploymentMetrics },
  handle: ({ platform, params }, actor) => platform.deployments.metrics(actor, params.id),
});
