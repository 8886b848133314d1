import { knowledgeBaseResource, page, pageQuery } from "@heddle/schema";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const listKnowledgeBases = defineRoute({
  id: "knowledge.list",
  method: "GET",
  path: "/api/workspaces/:id/knowledge-bases",
  summary: "Knowledge bases of a workspace, newest first",
  auth: "session-or-key",
  permission: "read",
  params: idParams,
  query: pageQuery,
  success: { status: 200, schema: page(knowledgeBaseResource) },
  handle: ({ platform, params, query }, actor) => platform.knowledge.list(actor, { workspaceId: params.id, ...query }),
});
