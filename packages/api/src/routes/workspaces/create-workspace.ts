import { workspaceInput, workspaceResource } from "@heddle/schema";
import { defineRoute } from "../../http/route.ts";

export const createWorkspace = defineRoute({
  id: "workspaces.create",
  method: "POST",
  path: "/api/workspaces",
  summary: "Make a workspace and own it",
  auth: "session",
  body: workspaceInput.strict(),
  success: { status: 201, schema: workspaceResource },
  handle: ({ platform, body }, actor) => platform.workspaces.create(actor, body),
});
