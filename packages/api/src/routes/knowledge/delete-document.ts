import { z } from "zod";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const deleteDocument = defineRoute({
  id: "knowledge.deleteDocument",
  method: "DELETE",
  path: "/api/knowledge-bases/:id/documents/:documentId",
  summary: "Delete a document and its passages",
  auth: "session-or-key",
  permission: "write",
  params: idParams.extend({ documentId: z.uuid() }),
  success: { status: 204 },
  handle: ({ platform, params }, actor) =>
    platform.knowledge.deleteDocument(actor, { knowledgeBaseId: params.id, documentId: params.documentId }),
});
