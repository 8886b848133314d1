import { limitsResource } from "@heddle/schema";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const getLimits = defineRoute({
  id: "limits.get",
  method: "GET",
  path: "/api/workspaces/:id/limits",
  summary: "What a workspace, its runs and its agents may use",
  description: "`holding` is what holds: of `chosen` and the plan's `most` always the lower. Null is unlimited.",
  auth: "session-or-key",
  permission: "read",
  params: idParams,
  success: { status: 200, schema: limitsResource },
  handle: ({ platform, params }, actor) => platform.limits.byWorkspace(actor, params.id),
});
