import { webhookSecret } from "@heddle/schema";
import { defineRoute } from "../../http/route.ts";
import { webhookParams } from "./webhook-params.ts";

export const getWebhookSecret = defineRoute({
  id: "webhooks.secret",
  method: "GET",
  path: "/api/workspaces/:id/webhooks/:webhookId/secret",
  summary: "The secret that signs its messages",
  description: "Every look is in the audit log.",
  auth: "session",
  permission: "settings.manage",
  params: webhookParams,
  success: { status: 200, schema: webhookSecret },
  handle: ({ platform, params }, actor) => platform.webhooks.secret(actor, { workspaceId: params.id, id: params.webhookId }),
});
