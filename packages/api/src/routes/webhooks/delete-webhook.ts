import { defineRoute } from "../../http/route.ts";
import { webhookParams } from "./webhook-params.ts";

export const deleteWebhook = defineRoute({
  id: "webhooks.delete",
  method: "DELETE",
  path: "/api/workspaces/:id/webhooks/:webhookId",
  summary: "Delete a webhook and its log",
  auth: "session",
  permission: "settings.manage",
  params: webhookParams,
  success: { status: 204 },
  handle: ({ platform, params }, actor) => platform.webhooks.delete(actor, { workspaceId: params.id, id: params.webhookId }),
});
