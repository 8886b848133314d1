import { agentCreate, agentUpdate, executeInput, pageQuery } from "@heddle/schema";
import { z } from "zod";
import { procedure, router } from "../base.ts";

const byId = z.object({ id: z.uuid() });

const [fromDocument, fromTemplate] = agentCreate.options;
const createInput = z.union([fromDocument.extend({ workspaceId: z.uuid() }), fromTemplate.extend({ workspaceId: z.uuid() })]);

/** Agents: their drafts, and what is done with them. */
export const agentRouter = router({
  list: procedure
    .input(pageQuery.extend({ workspaceId: z.uuid(), search: z.string().max(120).optional() }))
    .query(({ ctx, input }) => ctx.platform.agents.list(ctx.actor, input)),
  byId: procedure.input(byId).query(({ ctx, input }) => ctx.platform.agents.byId(ctx.actor, input.id)),
  create: procedure
    .input(createInput)
    .mutation(({ ctx, input }) =>
      "config" in input ? ctx.platform.agents.create(ctx.actor, input.workspaceId, input) : ctx.platform.templates.use(ctx.actor, input),
    ),
  update: procedure
    .input(agentUpdate.extend({ id: z.uuid() }))
    .mutation(({ ctx, input: { id, ...change } }) => ctx.platform.agents.update(ctx.actor, id, change)),
  delete: procedure.input(byId).mutation(({ ctx, input }) => ctx.platform.agents.delete(ctx.actor, input.id)),
  duplicate: procedure.input(byId).mutation(({ ctx, input }) => ctx.platform.agents.duplicate(ctx.actor, input.id)),
  /** Runs the draft in the background. */
  execute: procedure.input(executeInput.extend({ id: z.uuid() })).mutation(async ({ ctx, input: { id, ...input } }) => {
    const { executionId, finished } = await ctx.platform.runs.testAgent(ctx.actor, id, { ...input, isWatched: true });
    finished.catch(() => undefined);
    return { executionId };
  }),
  deploy: procedure.input(byId).mutation(({ ctx, input }) => ctx.platform.deployments.deploy(ctx.actor, input.id)),
});
