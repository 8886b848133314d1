import { memberResource, page, pageQuery } from "@heddle/schema";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const listMembers = defineRoute({
  id: "members.list",
  method: "GET",
  path: "/api/workspaces/:id/members",
  summary: "Members of a workspace",
  auth: "session-or-key",
  permission: "read",
  params: idParams,
  query: pageQuery,
  success: { status: 200, schema: page(memberResource) },
  handle: ({ platform, params, query }, actor) => platform.members.list(actor, { workspaceId: params.id, ...query }),
});
