import { pageQuery, waitDecision } from "@heddle/schema";
import { z } from "zod";
import { procedure, router } from "../base.ts";

/** What runs wait for people to decide. */
export const approvalRouter = router({
  list: procedure
    .input(pageQuery.extend({ workspaceId: z.uuid() }))
    .query(({ ctx, input }) => ctx.platform.waits.approvals(ctx.actor, input)),
  ofExecution: procedure
    .input(z.object({ executionId: z.uuid() }))
    .query(({ ctx, input }) => ctx.platform.waits.ofExecution(ctx.actor, input.executionId)),
  decide: procedure
    .input(waitDecision.extend({ executionId: z.uuid() }))
    .mutation(({ ctx, input: { executionId, ...decision } }) => ctx.platform.waits.decide(ctx.actor, executionId, decision)),
});
