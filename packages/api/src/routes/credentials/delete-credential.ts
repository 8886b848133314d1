import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const deleteCredential = defineRoute({
  id: "credentials.delete",
  method: "DELETE",
  path: "/api/credentials/:id",
  summary: "Delete a credential",
  auth: "session",
  permission: "credentials.manage",
  params: idParams,
  success: { status: 204 },
  handle: ({ platform, params }, actor) => platform.credentials.delete(actor, params.id),
});
