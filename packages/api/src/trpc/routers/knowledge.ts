import { pageQuery } from "@heddle/schema";
import { z } from "zod";
import { procedure, router } from "../base.ts";

const byId = z.object({ id: z.uuid() });
const name = z.string().trim().min(1).max(120);

/** What agents look things up in. Documents are uploaded by REST. */
export const knowledgeRouter = router({
  list: procedure
    .input(pageQuery.extend({ workspaceId: z.uuid() }))
    .query(({ ctx, input }) => ctx.platform.knowledge.list(ctx.actor, input)),
  create: procedure
    .input(z.object({ workspaceId: z.uuid(), name }))
    .mutation(({ ctx, input }) => ctx.platform.knowledge.create(ctx.actor, input.workspaceId, { name: input.name })),
  byId: procedure.input(byId).query(({ ctx, input }) => ctx.platform.knowledge.byId(ctx.actor, input.id)),
  documents: procedure
    .input(pageQuery.extend(byId.shape))
    .query(({ ctx, input: { id, ...page } }) => ctx.platform.knowledge.documents(ctx.actor, id, page)),
  deleteDocument: procedure
    .input(z.object({ knowledgeBaseId: z.uuid(), documentId: z.uuid() }))
    .mutation(({ ctx, input }) => ctx.platform.knowledge.deleteDocument(ctx.actor, input)),
  search: procedure
    .input(
      byId.extend({
        query: z.string().min(1).max(4_000),
        limit: z.number().int().min(1).max(50).optional(),
        minScore: z.number().min(0).max(1).optional(),
      }),
    )
    .query(({ ctx, input: { id, ...request } }) => ctx.platform.knowledge.search(ctx.actor, id, request)),
  rename: procedure
    .input(byId.extend({ name }))
    .mutation(({ ctx, input }) => ctx.platform.knowledge.rename(ctx.actor, input.id, input.name)),
  delete: procedure.input(byId).mutation(({ ctx, input }) => ctx.platform.knowledge.delete(ctx.actor, input.id)),
});
