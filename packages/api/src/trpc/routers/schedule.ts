import { pageQuery, scheduleUpdate } from "@heddle/schema";
import { z } from "zod";
import { procedure, router } from "../base.ts";

const one = z.object({ deploymentId: z.uuid(), scheduleId: z.uuid() });

/** The clocks that start deployed agents. */
export const scheduleRouter = router({
  list: procedure
    .input(pageQuery.extend({ workspaceId: z.uuid(), agentId: z.uuid().optional(), deploymentId: z.uuid().optional() }))
    .query(({ ctx, input }) => ctx.platform.schedules.list(ctx.actor, input)),
  setPaused: procedure
    .input(scheduleUpdate.extend(one.shape))
    .mutation(({ ctx, input }) => ctx.platform.schedules.setPaused(ctx.actor, input.deploymentId, input.scheduleId, input.isPaused)),
  runNow: procedure.input(one).mutation(({ ctx, input }) => ctx.platform.schedules.runNow(ctx.actor, input.deploymentId, input.scheduleId)),
});
