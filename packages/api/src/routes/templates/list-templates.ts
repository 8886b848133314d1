import { page, pageQuery, templateResource } from "@heddle/schema";
import { z } from "zod";
import { defineRoute } from "../../http/route.ts";

export const listTemplates = defineRoute({
  id: "templates.list",
  method: "GET",
  path: "/api/templates",
  summary: "Templates to start from",
  auth: "session-or-key",
  permission: "read",
  query: pageQuery.extend({ category: z.string().max(64).optional() }),
  success: { status: 200, schema: page(templateResource) },
  handle: async ({ platform, query }) => platform.templates.list(query),
});
