import { credentialCreate, credentialResource } from "@heddle/schema";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const createCredential = defineRoute({
  id: "credentials.create",
  method: "POST",
  path: "/api/workspaces/:id/credentials",
  summary: "Keep a credential",
  description: "Secret fields are sealed and never shown again. The kinds and their fields are listed at `/api/credential-types`.",
  auth: "session",
  permission: "credentials.manage",
  params: idParams,
  body: credentialCreate,
  success: { status: 201, schema: credentialResource },
  handle: ({ platform, params, body }, actor) => platform.credentials.create(actor, { workspaceId: params.id, ...body }),
});
