import { knowledgeBaseResource } from "@heddle/schema";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const getKnowledgeBase = defineRoute({
  id: "knowledge.get",
  method: "GET",
  path: "/api/knowledge-bases/:id",
  summary: "One knowledge base",
  auth: "session-or-key",
  permission: "read",
  params: idParams,
  success: { status: 200, schema: knowledgeBaseResource },
  handle: ({ platform, params }, actor) => platform.knowledge.byId(actor, params.id),
});
