import { auditEventResource, page, pageQuery } from "@heddle/schema";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const listAuditEvents = defineRoute({
  id: "audit.list",
  method: "GET",
  path: "/api/workspaces/:id/audit",
  summary: "Who did what, newest first",
  auth: "session",
  permission: "audit.read",
  params: idParams,
  query: pageQuery,
  success: { status: 200, schema: page(auditEventResource) },
  handle: ({ platform, params, query }, actor) => platform.audit.list(actor, { workspaceId: params.id, ...query }),
});
