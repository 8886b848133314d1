import { apiKeyResource, page, pageQuery } from "@heddle/schema";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const listApiKeys = defineRoute({
  id: "apiKeys.list",
  method: "GET",
  path: "/api/workspaces/:id/api-keys",
  summary: "API keys of a workspace, without the keys themselves",
  auth: "session",
  permission: "apiKeys.manage",
  params: idParams,
  query: pageQuery,
  success: { status: 200, schema: page(apiKeyResource) },
  handle: ({ platform, params, query }, actor) => platform.apiKeys.list(actor, { workspaceId: params.id, ...query }),
});
