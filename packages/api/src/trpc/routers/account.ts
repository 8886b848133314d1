import { HeddleError } from "@heddle/schema";
import { z } from "zod";
import { procedure as anyProcedure, router } from "../base.ts";

/** Accounts are people's: what acts for a program has none. */
const procedure = anyProcedure.use(({ ctx, next }) => {
  if (ctx.actor.kind !== "user") throw new HeddleError("forbidden", "API keys can't do this. Sign in to do it.");
  return next({ ctx: { ...ctx, actor: ctx.actor } });
});

/** The person who is signed in. */
export const accountRouter = router({
  me: procedure.query(({ ctx }) => ctx.platform.accounts.me(ctx.actor)),
  updateProfile: procedure
    .input(z.object({ name: z.string().max(200) }))
    .mutation(({ ctx, input }) => ctx.platform.accounts.updateProfile(ctx.actor, input)),
  changePassword: procedure
    .input(z.object({ currentPassword: z.string().max(1_024), newPassword: z.string().max(1_024) }))
    .mutation(({ ctx, input }) => ctx.platform.accounts.changePassword(ctx.actor, input)),
  sessions: procedure.query(({ ctx }) => ctx.platform.accounts.sessions(ctx.actor)),
  revokeSession: procedure
    .input(z.object({ id: z.uuid() }))
    .mutation(({ ctx, input }) => ctx.platform.accounts.revokeSession(ctx.actor, input.id)),
  revokeAllSessions: procedure.mutation(({ ctx }) => ctx.platform.accounts.revokeAllSessions(ctx.actor)),
});
