import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const deleteKnowledgeBase = defineRoute({
  id: "knowledge.delete",
  method: "DELETE",
  path: "/api/knowledge-bases/:id",
  summary: "Delete a knowledge base with its documents",
  auth: "session-or-key",
  permission: "write",
  params: idParams,
  success: { status: 204 },
  handle: ({ platform, params }, actor) => platform.knowledge.delete(actor, params.id),
});
