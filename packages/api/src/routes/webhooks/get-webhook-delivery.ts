import { webhookDeliveryDetail } from "@heddle/schema";
import { defineRoute } from "../../http/route.ts";
import { deliveryParams } from "./webhook-params.ts";

export const getWebhookDelivery = defineRoute({
  id: "webhooks.getDelivery",
  method: "GET",
  path: "/api/workspaces/:id/webhooks/:webhookId/deliveries/:deliveryId",
  summary: "A delivery with its request and every answer",
  auth: "session-or-key",
  permission: "read",
  params: deliveryParams,
  success: { status: 200, schema: webhookDeliveryDetail },
  handle: ({ platform, params }, actor) =>
    platform.webhooks.deliveries.byId(actor, { workspaceId: params.id, webhookId: params.webhookId, id: params.deliveryId }),
});
