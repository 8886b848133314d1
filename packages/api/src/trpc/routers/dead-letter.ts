import { deadLetterState, pageQuery } from "@heddle/schema";
import { z } from "zod";
import { procedure, router } from "../base.ts";

const letter = z.object({ workspaceId: z.uuid(), id: z.uuid() });

/** What failed for good. */
export const deadLetterRouter = router({
  list: procedure
    .input(pageQuery.extend({ workspaceId: z.uuid(), agentId: z.uuid().optional(), state: deadLetterState.optional() }))
    .query(({ ctx, input }) => ctx.platform.deadLetters.list(ctx.actor, input)),
  byId: procedure.input(letter).query(({ ctx, input }) => ctx.platform.deadLetters.byId(ctx.actor, input)),
  redrive: procedure.input(letter).mutation(({ ctx, input }) => ctx.platform.deadLetters.redrive(ctx.actor, input)),
  redriveAll: procedure
    .input(z.object({ workspaceId: z.uuid(), agentId: z.uuid().optional(), cursor: z.string().optional() }))
    .mutation(({ ctx, input }) => ctx.platform.deadLetters.redriveAll(ctx.actor, input)),
  discard: procedure.input(letter).mutation(({ ctx, input }) => ctx.platform.deadLetters.discard(ctx.actor, input)),
});
