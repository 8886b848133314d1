import { webhookCreate, webhookCreated } from "@heddle/schema";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const createWebhook = defineRoute({
  id: "webhooks.create",
  method: "POST",
  path: "/api/workspaces/:id/webhooks",
  summary: "Send events to an address",
  description:
    "Messages follow Standard Webhooks: verify them with `secret`. Ten attempts over about three days; any 2xx takes a message, 410 switches the webhook off. Runs of drafts send nothing.",
  auth: "session",
  permission: "settings.manage",
  params: idParams,
  body: webhookCreate,
  success: { status: 201, schema: webhookCreated },
  handle: ({ platform, params, body }, actor) => platform.webhooks.create(actor, { workspaceId: params.id, ...body }),
});
