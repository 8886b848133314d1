import { usageResource } from "@heddle/schema";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const getUsage = defineRoute({
  id: "limits.usage",
  method: "GET",
  path: "/api/workspaces/:id/usage",
  summary: "What a workspace has used of its month",
  auth: "session-or-key",
  permission: "read",
  params: idParams,
  success: { status: 200, schema: usageResource },
  handle: ({ platform, params }, actor) => platform.limits.usage(actor, params.id),
});
