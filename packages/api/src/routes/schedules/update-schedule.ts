import { scheduleResource, scheduleUpdate } from "@heddle/schema";
import { z } from "zod";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const updateSchedule = defineRoute({
  id: "schedules.update",
  method: "PUT",
  path: "/api/deployments/:id/schedules/:scheduleId",
  summary: "Pause a schedule, or let it go on with the first tick from now",
  auth: "session-or-key",
  permission: "deploy",
  params: idParams.extend({ scheduleId: z.uuid() }),
  body: scheduleUpdate,
  success: { status: 200, schema: scheduleResource },
  handle: ({ platform, params, body }, actor) => platform.schedules.setPaused(actor, params.id, params.scheduleId, body.isPaused),
});
