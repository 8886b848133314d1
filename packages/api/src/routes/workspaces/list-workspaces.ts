import { page, pageQuery, workspaceResource } from "@heddle/schema";
import { defineRoute } from "../../http/route.ts";

export const listWorkspaces = defineRoute({
  id: "workspaces.list",
  method: "GET",
  path: "/api/workspaces",
  summary: "Workspaces of the caller, oldest first",
  auth: "session-or-key",
  permission: "read",
  query: pageQuery,
  success: { status: 200, schema: page(workspaceResource) },
  handle: ({ platform, query }, actor) => platform.workspaces.list(actor, query),
});
