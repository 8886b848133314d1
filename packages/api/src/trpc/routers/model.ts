import { z } from "zod";
import { procedure, router } from "../base.ts";

/** What agents can think with. */
export const modelRouter = router({
  connections: procedure
    .input(z.object({ workspaceId: z.uuid() }))
    .query(({ ctx, input }) => ctx.platform.models.connections(ctx.actor, input.workspaceId)),
});
