import { deploymentResource } from "@heddle/schema";
import { z } from "zod";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const updateDeployment = defineRoute({
  id: "deployments.update",
  method: "PUT",
  path: "/api/deployments/:id",
  summary: "Switch a deployment on or off",
  auth: "session-or-key",
  permission: "deploy",
  params: idParams,
  body: z.object({ status: z.enum(["ACTIVE", "INACTIVE"]) }).strict(),
  success: { status: 200, schema: deploymentResource },
  handle: ({ platform, params, body }, actor) => platform.deployments.setStatus(actor, params.id, body.status),
});
