import { agentLimitsUpdate, limitsUpdate } from "@heddle/schema";
import { z } from "zod";
import { procedure, router } from "../base.ts";

const ofWorkspace = z.object({ workspaceId: z.uuid() });
const ofAgent = z.object({ agentId: z.uuid() });

/** What may be used, and what has been. */
export const limitsRouter = router({
  get: procedure.input(ofWorkspace).query(({ ctx, input }) => ctx.platform.limits.byWorkspace(ctx.actor, input.workspaceId)),
  usage: procedure.input(ofWorkspace).query(({ ctx, input }) => ctx.platform.limits.usage(ctx.actor, input.workspaceId)),
  warnings: procedure.input(ofWorkspace).query(({ ctx, input }) => ctx.platform.limits.warnings(ctx.actor, input.workspaceId)),
  update: procedure
    .input(ofWorkspace.extend({ limits: limitsUpdate }))
    .mutation(({ ctx, input }) => ctx.platform.limits.update(ctx.actor, input.workspaceId, input.limits)),
  getAgent: procedure.input(ofAgent).query(({ ctx, input }) => ctx.platform.limits.byAgent(ctx.actor, input.agentId)),
  updateAgent: procedure
    .input(ofAgent.extend({ limits: agentLimitsUpdate }))
    .mutation(({ ctx, input }) => ctx.platform.limits.updateAgent(ctx.actor, input.agentId, input.limits)),
});
