import { deploymentResource } from "@heddle/schema";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const getDeployment = defineRoute({
  id: "deployments.get",
  method: "GET",
  path: "/api/deployments/:id",
  summary: "One deployment",
  auth: "session-or-key",
  permission: "read",
  params: idParams,
  success: { status: 200, schema: deploymentResource },
  handle: ({ platform, params }, actor) => platform.deployments.byId(actor, params.id),
});
