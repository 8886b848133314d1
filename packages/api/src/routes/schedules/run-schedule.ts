import { z } from "zod";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const runSchedule = defineRoute({
  id: "schedules.run",
  method: "POST",
  path: "/api/deployments/:id/schedules/:scheduleId/run",
  summary: "Start one run at once, as a tick would",
  description: "Answers once the execution is committed. The schedule's own ticks stay as they are.",
  auth: "session-or-key",
  permission: "execute",
  params: idParams.extend({ scheduleId: z.uuid() }),
  rate: "run",
  success: { status: 202, schema: z.object({ executionId: z.string() }) },
  handle: ({ platform, params }, actor) => platform.schedules.runNow(actor, params.id, params.scheduleId),
});
