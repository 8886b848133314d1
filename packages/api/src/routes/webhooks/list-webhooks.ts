import { page, pageQuery, webhookResource } from "@heddle/schema";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const listWebhooks = defineRoute({
  id: "webhooks.list",
  method: "GET",
  path: "/api/workspaces/:id/webhooks",
  summary: "Webhooks of a workspace",
  auth: "session-or-key",
  permission: "read",
  params: idParams,
  query: pageQuery,
  success: { status: 200, schema: page(webhookResource) },
  handle: ({ platform, params, query }, actor) => platform.webhooks.list(actor, { workspaceId: params.id, ...query }),
});
