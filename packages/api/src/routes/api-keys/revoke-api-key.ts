import { z } from "zod";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const revokeApiKey = defineRoute({
  id: "apiKeys.revoke",
  method: "DELETE",
  path: "/api/workspaces/:id/api-keys/:keyId",
  summary: "End an API key at once",
  auth: "session",
  permission: "apiKeys.manage",
  params: idParams.extend({ keyId: z.uuid() }),
  success: { status: 204 },
  handle: ({ platform, params }, actor) => platform.apiKeys.revoke(actor, { workspaceId: params.id, id: params.keyId }),
});
