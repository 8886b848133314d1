import { executionStatus, pageQuery } from "@heddle/schema";
import { z } from "zod";
import { procedure, router } from "../base.ts";

const byId = z.object({ id: z.uuid() });

/** What ran. */
export const executionRouter = router({
  list: procedure
    .input(
      pageQuery.extend({
        workspaceId: z.uuid(),
        agentId: z.uuid().optional(),
        deploymentId: z.uuid().optional(),
        status: executionStatus.optional(),
      }),
    )
    .query(({ ctx, input }) => ctx.platform.executions.list(ctx.actor, input)),
  byId: procedure.input(byId).query(({ ctx, input }) => ctx.platform.executions.byId(ctx.actor, input.id)),
  trace: procedure.input(byId).query(({ ctx, input }) => ctx.platform.executions.trace(ctx.actor, input.id)),
  cancel: procedure.input(byId).mutation(({ ctx, input }) => ctx.platform.executions.cancel(ctx.actor, input.id)),
});
