import { apiKeyResource, apiKeyUpdate } from "@heddle/schema";
import { z } from "zod";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const updateApiKey = defineRoute({
  id: "apiKeys.update",
  method: "PUT",
  path: "/api/workspaces/:id/api-keys/:keyId",
  summary: "Rename an API key, or limit how often it may call",
  description: "`rateLimit` is in requests a minute, across all processes; null leaves it to the server's default.",
  auth: "session",
  permission: "apiKeys.manage",
  params: idParams.extend({ keyId: z.uuid() }),
  body: apiKeyUpdate,
  success: { status: 200, schema: apiKeyResource },
  handle: ({ platform, params, body }, actor) => platform.apiKeys.update(actor, { workspaceId: params.id, id: params.keyId, ...body }),
});
