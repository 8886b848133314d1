import { pageQuery } from "@heddle/schema";
import { z } from "zod";
import { procedure, router } from "../base.ts";

/** Who did what. */
export const auditRouter = router({
  list: procedure.input(pageQuery.extend({ workspaceId: z.uuid() })).query(({ ctx, input }) => ctx.platform.audit.list(ctx.actor, input)),
});
