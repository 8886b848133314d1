import { webhookResource } from "@heddle/schema";
import { defineRoute } from "../../http/route.ts";
import { webhookParams } from "./webhook-params.ts";

export const getWebhook = defineRoute({
  id: "webhooks.get",
  method: "GET",
  path: "/api/workspaces/:id/webhooks/:webhookId",
  summary: "A webhook",
  auth: "session-or-key",
  permission: "read",
  params: webhookParams,
  success: { status: 200, schema: webhookResource },
  handle: ({ platform, params }, actor) => platform.webhooks.byId(actor, { workspaceId: params.id, id: params.webhookId }),
});
