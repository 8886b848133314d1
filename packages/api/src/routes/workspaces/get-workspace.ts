import { workspaceResource } from "@heddle/schema";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const getWorkspace = defineRoute({
  id: "workspaces.get",
  method: "GET",
  path: "/api/workspaces/:id",
  summary: "One workspace",
  auth: "session-or-key",
  permission: "read",
  params: idParams,
  success: { status: 200, schema: workspaceResource },
  handle: ({ platform, params }, actor) => platform.workspaces.byId(actor, params.id),
});
