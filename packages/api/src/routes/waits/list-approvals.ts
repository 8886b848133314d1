import { page, pageQuery, waitResource } from "@heddle/schema";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const listApprovals = defineRoute({
  id: "approvals.list",
  method: "GET",
  path: "/api/workspaces/:id/approvals",
  summary: "What people are asked to decide, oldest first",
  auth: "session-or-key",
  permission: "read",
  params: idParams,
  query: pageQuery,
  success: { status: 200, schema: page(waitResource) },
  handle: ({ platform, params, query }, actor) => platform.waits.approvals(actor, { workspaceId: params.id, ...query }),
});
