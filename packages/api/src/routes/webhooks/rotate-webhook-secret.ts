import { webhookSecret, webhookSecretRotation } from "@heddle/schema";
import { defineRoute } from "../../http/route.ts";
import { webhookParams } from "./webhook-params.ts";

export const rotateWebhookSecret = defineRoute({
  id: "webhooks.rotateSecret",
  method: "POST",
  path: "/api/workspaces/:id/webhooks/:webhookId/rotate-secret",
  summary: "Make a new secret",
  description: "The one before signs beside it for another 24 hours, so that receivers can change without a gap.",
  auth: "session",
  permission: "settings.manage",
  params: webhookParams,
  body: webhookSecretRotation,
  success: { status: 200, schema: webhookSecret },
  handle: ({ platform, params, body }, actor) =>
    platform.webhooks.rotateSecret(actor, { workspaceId: params.id, id: params.webhookId, ...body }),
});
