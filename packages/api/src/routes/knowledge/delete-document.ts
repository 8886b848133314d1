import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const deleteDocument = defineRoute({
  id: "knowledge.deleteDocument",
  method: "DELETE",
  path: "/api/knowledge-documents/:id",
  summary: "Delete a document and its passages",
  auth: "session-or-key",
  permission: "write",
  params: idParams,
  success: { status: 204 },
  handle: ({ platform, params }, actor) => platform.knowledge.deleteDocument(actor, params.id),
});
