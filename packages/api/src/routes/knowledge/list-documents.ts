import { knowledgeDocumentResource, page, pageQuery } from "@heddle/schema";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const listDocuments = defineRoute({
  id: "knowledge.documents",
  method: "GET",
  path: "/api/knowledge-bases/:id/documents",
  summary: "Documents of a knowledge base, newest first",
  auth: "session-or-key",
  permission: "read",
  params: idParams,
  query: pageQuery,
  success: { status: 200, schema: page(knowledgeDocumentResource) },
  handle: ({ platform, params, query }, actor) => platform.knowledge.documents(actor, params.id, query),
});
