import { knowledgeBaseResource } from "@heddle/schema";
import { idParams, renameBody } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const renameKnowledgeBase = defineRoute({
  id: "knowledge.rename",
  method: "PUT",
  path: "/api/knowledge-bases/:id",
  summary: "Rename a knowledge base",
  auth: "session-or-key",
  permission: "write",
  params: idParams,
  body: renameBody,
  success: { status: 200, schema: knowledgeBaseResource },
  handle: ({ platform, params, body }, actor) => platform.knowledge.rename(actor, params.id, body.name),
});
