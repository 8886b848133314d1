import { knowledgeDocumentResource } from "@heddle/schema";
import { z } from "zod";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const addDocuments = defineRoute({
  id: "knowledge.addDocuments",
  method: "POST",
  path: "/api/knowledge-bases/:id/documents",
  summary: "Upload documents",
  description:
    "Text, Markdown or CSV; one or more files. All are taken or none. They are indexed in the background; `status` tells when they can be found.",
  auth: "session-or-key",
  permission: "write",
  params: idParams,
  body: "upload",
  upload: { fields: {}, file: "A text, Markdown or CSV file; may be repeated; 25 MiB in all" },
  success: { status: 201, schema: z.object({ items: z.array(knowledgeDocumentResource) }) },
  handle: async ({ platform, params, body }, actor) => ({ items: await platform.knowledge.addDocuments(actor, params.id, body.files) }),
});
