import { pageQuery } from "@heddle/schema";
import { z } from "zod";
import { procedure, router } from "../base.ts";

const byId = z.object({ id: z.uuid() });

/** What answers callers. */
export const deploymentRouter = router({
  list: procedure
    .input(pageQuery.extend({ workspaceId: z.uuid(), agentId: z.uuid().optional() }))
    .query(({ ctx, input }) => ctx.platform.deployments.list(ctx.actor, input)),
  byId: procedure.input(byId).query(({ ctx, input }) => ctx.platform.deployments.byId(ctx.actor, input.id)),
  webhooks: procedure.input(byId).query(({ ctx, input }) => ctx.platform.webhookAddresses.list(ctx.actor, input.id)),
  metrics: procedure.input(byId).query(({ ctx, input }) => ctx.platform.deployments.metrics(ctx.actor, input.id)),
  setStatus: procedure
    .input(byId.extend({ status: z.enum(["ACTIVE", "INACTIVE"]) }))
    .mutation(({ ctx, input }) => ctx.platform.deployments.setStatus(ctx.actor, input.id, input.status)),
  rollback: procedure
    .input(z.object({ agentId: z.uuid(), version: z.number().int().min(1) }))
    .mutation(({ ctx, input }) => ctx.platform.deployments.rollback(ctx.actor, input.agentId, input.version)),
  versions: procedure
    .input(pageQuery.extend({ agentId: z.uuid() }))
    .query(({ ctx, input }) => ctx.platform.deployments.versions(ctx.actor, input)),
});
