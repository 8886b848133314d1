import { pageQuery, webhookCreate, webhookDeliveryFilter, webhookRedrive, webhookSecretRotation, webhookUpdate } from "@heddle/schema";
import { z } from "zod";
import { procedure, router } from "../base.ts";

const byWorkspace = z.object({ workspaceId: z.uuid() });
const byId = byWorkspace.extend({ id: z.uuid() });
const byWebhook = byWorkspace.extend({ webhookId: z.uuid() });
const byDelivery = byWebhook.extend({ id: z.uuid() });

/** Webhooks that Heddle sends. */
export const webhookRouter = router({
  list: procedure.input(pageQuery.extend(byWorkspace.shape)).query(({ ctx, input }) => ctx.platform.webhooks.list(ctx.actor, input)),
  byId: procedure.input(byId).query(({ ctx, input }) => ctx.platform.webhooks.byId(ctx.actor, input)),
  create: procedure
    .input(webhookCreate.extend(byWorkspace.shape))
    .mutation(({ ctx, input }) => ctx.platform.webhooks.create(ctx.actor, input)),
  update: procedure.input(webhookUpdate.extend(byId.shape)).mutation(({ ctx, input }) => ctx.platform.webhooks.update(ctx.actor, input)),
  delete: procedure.input(byId).mutation(({ ctx, input }) => ctx.platform.webhooks.delete(ctx.actor, input)),
  /** A mutation, because every look is written into the audit log. */
  secret: procedure.input(byId).mutation(({ ctx, input }) => ctx.platform.webhooks.secret(ctx.actor, input)),
  rotateSecret: procedure
    .input(webhookSecretRotation.extend(byId.shape))
    .mutation(({ ctx, input }) => ctx.platform.webhooks.rotateSecret(ctx.actor, input)),
  test: procedure.input(byWebhook).mutation(({ ctx, input }) => ctx.platform.webhooks.deliveries.test(ctx.actor, input)),
  deliveries: procedure
    .input(pageQuery.extend(byWebhook.shape).extend(webhookDeliveryFilter.shape))
    .query(({ ctx, input }) => ctx.platform.webhooks.deliveries.list(ctx.actor, input)),
  delivery: procedure.input(byDelivery).query(({ ctx, input }) => ctx.platform.webhooks.deliveries.byId(ctx.actor, input)),
  redrive: procedure.input(byDelivery).mutation(({ ctx, input }) => ctx.platform.webhooks.deliveries.redrive(ctx.actor, input)),
  redriveSince: procedure
    .input(webhookRedrive.extend(byWebhook.shape))
    .mutation(({ ctx, input: { since, ...named } }) =>
      ctx.platform.webhooks.deliveries.redriveSince(ctx.actor, { ...named, since: new Date(since) }),
    ),
});
