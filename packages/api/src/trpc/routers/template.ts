import { json } from "@heddle/schema";
import { z } from "zod";
import { procedure, router } from "../base.ts";

/** The library of agents to start from. */
export const templateRouter = router({
  list: procedure
    .input(z.object({ category: z.string().max(64).optional() }).default({}))
    .query(({ ctx, input }) => ctx.platform.templates.list(input)),
  byId: procedure.input(z.object({ id: z.string().max(64) })).query(({ ctx, input }) => ctx.platform.templates.byId(input.id)),
  use: procedure
    .input(
      z.object({
        workspaceId: z.uuid(),
        templateId: z.string().max(64),
        name: z.string().trim().min(1).max(120),
        description: z.string().max(2_000).optional(),
        variables: z.record(z.string(), json).default({}),
      }),
    )
    .mutation(({ ctx, input }) => ctx.platform.templates.use(ctx.actor, input)),
});
