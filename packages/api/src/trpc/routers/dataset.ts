import { pageQuery } from "@heddle/schema";
import { z } from "zod";
import { procedure, router } from "../base.ts";

const byId = z.object({ id: z.uuid() });
const name = z.string().trim().min(1).max(120);

/** Examples for classifiers. Files are uploaded by REST. */
export const datasetRouter = router({
  list: procedure
    .input(pageQuery.extend({ workspaceId: z.uuid() }))
    .query(({ ctx, input }) => ctx.platform.datasets.list(ctx.actor, input)),
  byId: procedure.input(byId).query(({ ctx, input }) => ctx.platform.datasets.byId(ctx.actor, input.id)),
  rows: procedure.input(pageQuery.extend(byId.shape)).query(({ ctx, input }) => ctx.platform.datasets.rows(ctx.actor, input)),
  rename: procedure
    .input(byId.extend({ name }))
    .mutation(({ ctx, input }) => ctx.platform.datasets.rename(ctx.actor, input.id, input.name)),
  delete: procedure.input(byId).mutation(({ ctx, input }) => ctx.platform.datasets.delete(ctx.actor, input.id)),
  retrain: procedure.input(byId).mutation(({ ctx, input }) => ctx.platform.datasets.retrain(ctx.actor, input.id)),
});
