import { webhookDeliveryDetail } from "@heddle/schema";
import { defineRoute } from "../../http/route.ts";
import { webhookParams } from "./webhook-params.ts";

export const testWebhook = defineRoute({
  id: "webhooks.test",
  method: "POST",
  path: "/api/workspaces/:id/webhooks/:webhookId/test",
  summary: "Send a test message and wait for the answer",
  description: "Its type is `webhook.test`. It is tried once, also where the webhook is switched off.",
  auth: "session",
  permission: "settings.manage",
  params: webhookParams,
  success: { status: 200, schema: webhookDeliveryDetail },
  handle: ({ platform, params }, actor) =>
    platform.webhooks.deliveries.test(actor, { workspaceId: params.id, webhookId: params.webhookId }),
});
