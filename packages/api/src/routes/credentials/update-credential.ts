import { credentialCreate, credentialResource } from "@heddle/schema";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const updateCredential = defineRoute({
  id: "credentials.update",
  method: "PUT",
  path: "/api/credentials/:id",
  summary: "Change a credential",
  description: "Fields that are left out keep their values.",
  auth: "session",
  permission: "credentials.manage",
  params: idParams,
  body: credentialCreate.omit({ type: true }).partial(),
  success: { status: 200, schema: credentialResource },
  handle: ({ platform, params, body }, actor) => platform.credentials.update(actor, { id: params.id, ...body }),
});
