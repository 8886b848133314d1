import { apiKeyCreate, apiKeyCreated } from "@heddle/schema";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const createApiKey = defineRoute({
  id: "apiKeys.create",
  method: "POST",
  path: "/api/workspaces/:id/api-keys",
  summary: "Make an API key",
  description: "`key` is shown this once. Scopes: `read` sees, `write` changes and executes, `deploy` publishes.",
  auth: "session",
  permission: "apiKeys.manage",
  params: idParams,
  body: apiKeyCreate,
  success: { status: 201, schema: apiKeyCreated },
  handle: ({ platform, params, body }, actor) => platform.apiKeys.create(actor, { workspaceId: params.id, ...body }),
});
