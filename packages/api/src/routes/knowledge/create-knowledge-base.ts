import { knowledgeBaseResource } from "@heddle/schema";
import { idParams, renameBody } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const createKnowledgeBase = defineRoute({
  id: "knowledge.create",
  method: "POST",
  path: "/api/workspaces/:id/knowledge-bases",
  summary: "Make an empty knowledge base",
  auth: "session-or-key",
  permission: "write",
  params: idParams,
  body: renameBody,
  success: { status: 201, schema: knowledgeBaseResource },
  handle: ({ platform, params, body }, actor) => platform.knowledge.create(actor, params.id, body),
});
