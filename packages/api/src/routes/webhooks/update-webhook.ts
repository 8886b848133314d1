import { webhookResource, webhookUpdate } from "@heddle/schema";
import { defineRoute } from "../../http/route.ts";
import { webhookParams } from "./webhook-params.ts";

export const updateWebhook = defineRoute({
  id: "webhooks.update",
  method: "PUT",
  path: "/api/workspaces/:id/webhooks/:webhookId",
  summary: "Change a webhook, or switch it on or off",
  description: "What is left out stays. Switching it off turns what is pending for it into dead letters.",
  auth: "session",
  permission: "settings.manage",
  params: webhookParams,
  body: webhookUpdate,
  success: { status: 200, schema: webhookResource },
  handle: ({ platform, params, body }, actor) => platform.webhooks.update(actor, { workspaceId: params.id, id: params.webhookId, ...body }),
});
