import { webhookRedrive, webhookRedriven } from "@heddle/schema";
import { defineRoute } from "../../http/route.ts";
import { webhookParams } from "./webhook-params.ts";

export const redriveWebhook = defineRoute({
  id: "webhooks.redrive",
  method: "POST",
  path: "/api/workspaces/:id/webhooks/:webhookId/redrive",
  summary: "Send all dead letters since a time anew",
  description: "Under the same webhook-id as before. Asking twice sends once.",
  auth: "session",
  permission: "settings.manage",
  params: webhookParams,
  body: webhookRedrive,
  success: { status: 200, schema: webhookRedriven },
  handle: async ({ platform, params, body }, actor) => ({
    redriven: await platform.webhooks.deliveries.redriveSince(actor, {
      workspaceId: params.id,
      webhookId: params.webhookId,
      since: new Date(body.since),
    }),
  }),
});
