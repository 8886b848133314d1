import { webhookAddress } from "@heddle/schema";
import { z } from "zod";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const listWebhookAddresses = defineRoute({
  id: "hooks.list",
  method: "GET",
  path: "/api/deployments/:id/hooks",
  summary: "Where other services send events for a deployment",
  auth: "session-or-key",
  permission: "read",
  params: idParams,
  success: { status: 200, schema: z.object({ items: z.array(webhookAddress) }) },
  handle: ({ platform, params }, actor) => platform.webhookAddresses.list(actor, params.id),
});
