import { page, pageQuery, scheduleResource } from "@heddle/schema";
import { z } from "zod";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const listSchedules = defineRoute({
  id: "schedules.list",
  method: "GET",
  path: "/api/workspaces/:id/schedules",
  summary: "Schedules of a workspace's deployed agents, with their next ticks",
  auth: "session-or-key",
  permission: "read",
  params: idParams,
  query: pageQuery.extend({ agentId: z.uuid().optional() }),
  success: { status: 200, schema: page(scheduleResource) },
  handle: ({ platform, params, query }, actor) => platform.schedules.list(actor, { workspaceId: params.id, ...query }),
});
