import { credentialResource, page, pageQuery } from "@heddle/schema";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const listCredentials = defineRoute({
  id: "credentials.list",
  method: "GET",
  path: "/api/workspaces/:id/credentials",
  summary: "Credentials of a workspace, without their secrets",
  auth: "session",
  permission: "read",
  params: idParams,
  query: pageQuery,
  success: { status: 200, schema: page(credentialResource) },
  handle: ({ platform, params, query }, actor) => platform.credentials.list(actor, { workspaceId: params.id, ...query }),
});
