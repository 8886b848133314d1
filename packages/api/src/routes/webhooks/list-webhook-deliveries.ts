import { page, pageQuery, webhookDelivery, webhookDeliveryFilter } from "@heddle/schema";
import { defineRoute } from "../../http/route.ts";
import { webhookParams } from "./webhook-params.ts";

export const listWebhookDeliveries = defineRoute({
  id: "webhooks.listDeliveries",
  method: "GET",
  path: "/api/workspaces/:id/webhooks/:webhookId/deliveries",
  summary: "What was sent, newest first",
  description: "Kept for 30 days.",
  auth: "session-or-key",
  permission: "read",
  params: webhookParams,
  query: pageQuery.extend(webhookDeliveryFilter.shape),
  success: { status: 200, schema: page(webhookDelivery) },
  handle: ({ platform, params, query }, actor) =>
    platform.webhooks.deliveries.list(actor, { workspaceId: params.id, webhookId: params.webhookId, ...query }),
});
