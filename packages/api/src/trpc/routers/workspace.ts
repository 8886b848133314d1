import { pageQuery, workspaceInput } from "@heddle/schema";
import { z } from "zod";
import { procedure, router } from "../base.ts";

/** Where people work together. */
export const workspaceRouter = router({
  list: procedure.input(pageQuery).query(({ ctx, input }) => ctx.platform.workspaces.list(ctx.actor, input)),
  byId: procedure.input(z.object({ id: z.uuid() })).query(({ ctx, input }) => ctx.platform.workspaces.byId(ctx.actor, input.id)),
  create: procedure.input(workspaceInput).mutation(({ ctx, input }) => ctx.platform.workspaces.create(ctx.actor, input)),
  update: procedure
    .input(workspaceInput.extend({ id: z.uuid() }))
    .mutation(({ ctx, input }) => ctx.platform.workspaces.update(ctx.actor, input.id, { name: input.name })),
  delete: procedure.input(z.object({ id: z.uuid() })).mutation(({ ctx, input }) => ctx.platform.workspaces.delete(ctx.actor, input.id)),
});
