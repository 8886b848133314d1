import { templateDetail } from "@heddle/schema";
import { z } from "zod";
import { defineRoute } from "../../http/route.ts";

export const getTemplate = defineRoute({
  id: "templates.get",
  method: "GET",
  path: "/api/templates/:id",
  summary: "One template with its document",
  auth: "session-or-key",
  permission: "read",
  params: z.object({ id: z.string().max(64) }),
  success: { status: 200, schema: templateDetail },
  handle: async ({ platform, params }) => platform.templates.byId(params.id),
});
