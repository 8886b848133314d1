import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const deleteWorkspace = defineRoute({
  id: "workspaces.delete",
  method: "DELETE",
  path: "/api/workspaces/:id",
  summary: "Delete a workspace with everything in it",
  auth: "session",
  permission: "workspace.delete",
  params: idParams,
  success: { status: 204 },
  handle: ({ platform, params }, actor) => platform.workspaces.delete(actor, params.id),
});
