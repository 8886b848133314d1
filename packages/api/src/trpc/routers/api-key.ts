import { apiKeyCreate, apiKeyUpdate, pageQuery } from "@heddle/schema";
import { z } from "zod";
import { procedure, router } from "../base.ts";

/** Keys by which programs call. */
export const apiKeyRouter = router({
  list: procedure.input(pageQuery.extend({ workspaceId: z.uuid() })).query(({ ctx, input }) => ctx.platform.apiKeys.list(ctx.actor, input)),
  /** `key` is shown this once. */
  create: procedure
    .input(apiKeyCreate.extend({ workspaceId: z.uuid() }))
    .mutation(({ ctx, input }) => ctx.platform.apiKeys.create(ctx.actor, input)),
  update: procedure
    .input(apiKeyUpdate.extend({ workspaceId: z.uuid(), id: z.uuid() }))
    .mutation(({ ctx, input }) => ctx.platform.apiKeys.update(ctx.actor, input)),
  revoke: procedure
    .input(z.object({ workspaceId: z.uuid(), id: z.uuid() }))
    .mutation(({ ctx, input }) => ctx.platform.apiKeys.revoke(ctx.actor, input)),
});
