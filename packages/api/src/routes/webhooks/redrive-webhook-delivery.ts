import { webhookDelivery } from "@heddle/schema";
import { defineRoute } from "../../http/route.ts";
import { deliveryParams } from "./webhook-params.ts";

export const redriveWebhookDelivery = defineRoute({
  id: "webhooks.redriveDelivery",
  method: "POST",
  path: "/api/workspaces/:id/webhooks/:webhookId/deliveries/:deliveryId/redrive",
  summary: "Send a dead letter anew, or a pending one at once",
  description: "Under the same webhook-id as before. What was delivered is not sent again.",
  auth: "session",
  permission: "settings.manage",
  params: deliveryParams,
  success: { status: 200, schema: webhookDelivery },
  handle: ({ platform, params }, actor) =>
    platform.webhooks.deliveries.redrive(actor, { workspaceId: params.id, webhookId: params.webhookId, id: params.deliveryId }),
});
