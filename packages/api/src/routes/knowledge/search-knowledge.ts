import { passageResource } from "@heddle/schema";
import { z } from "zod";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const searchKnowledge = defineRoute({
  id: "knowledge.search",
  method: "POST",
  path: "/api/knowledge-bases/:id/search",
  summary: "Search a knowledge base by meaning and by words",
  auth: "session-or-key",
  permission: "read",
  params: idParams,
  body: z
    .object({
      query: z.string().min(1).max(4_000),
      limit: z.number().int().min(1).max(50).optional(),
      minScore: z.number().min(0).max(1).optional(),
    })
    .strict(),
  success: { status: 200, schema: z.object({ items: z.array(passageResource) }) },
  handle: async ({ platform, params, body }, actor) => ({ items: await platform.knowledge.search(actor, params.id, body) }),
});
