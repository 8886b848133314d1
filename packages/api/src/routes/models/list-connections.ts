import { modelConnection } from "@heddle/schema";
import { z } from "zod";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const listConnections = defineRoute({
  id: "models.connections",
  method: "GET",
  path: "/api/workspaces/:id/model-connections",
  summary: "Models that agents of a workspace can use now",
  auth: "session-or-key",
  permission: "read",
  params: idParams,
  success: { status: 200, schema: z.object({ items: z.array(modelConnection) }) },
  handle: async ({ platform, params }, actor) => ({ items: await platform.models.connections(actor, params.id) }),
});
