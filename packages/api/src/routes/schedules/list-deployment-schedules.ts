import { page, scheduleResource } from "@heddle/schema";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const listDeploymentSchedules = defineRoute({
  id: "schedules.listOfDeployment",
  method: "GET",
  path: "/api/deployments/:id/schedules",
  summary: "Schedules of a deployment, with their next ticks",
  auth: "session-or-key",
  permission: "read",
  params: idParams,
  success: { status: 200, schema: page(scheduleResource) },
  handle: ({ platform, params }, actor) => platform.schedules.listOfDeployment(actor, params.id),
});
