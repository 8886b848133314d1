import { workspaceInput, workspaceResource } from "@heddle/schema";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const updateWorkspace = defineRoute({
  id: "workspaces.update",
  method: "PUT",
  path: "/api/workspaces/:id",
  summary: "Rename a workspace",
  auth: "session",
  permission: "settings.manage",
  params: idParams,
  body: workspaceInput.strict(),
  success: { status: 200, schema: workspaceResource },
  handle: ({ platform, params, body }, actor) => platform.workspaces.update(actor, params.id, body),
});
