import { credentialCreate, pageQuery } from "@heddle/schema";
import { z } from "zod";
import { procedure, router } from "../base.ts";

const byId = z.object({ id: z.uuid() });

/** What agents use to sign in elsewhere. Secrets go in and never come out. */
export const credentialRouter = router({
  types: procedure.query(({ ctx }) => ctx.platform.credentials.types()),
  list: procedure
    .input(pageQuery.extend({ workspaceId: z.uuid() }))
    .query(({ ctx, input }) => ctx.platform.credentials.list(ctx.actor, input)),
  create: procedure
    .input(credentialCreate.extend({ workspaceId: z.uuid() }))
    .mutation(({ ctx, input }) => ctx.platform.credentials.create(ctx.actor, input)),
  update: procedure
    .input(credentialCreate.omit({ type: true }).partial().extend(byId.shape))
    .mutation(({ ctx, input }) => ctx.platform.credentials.update(ctx.actor, input)),
  delete: procedure.input(byId).mutation(({ ctx, input }) => ctx.platform.credentials.delete(ctx.actor, input.id)),
});
