import { invitationResource, inviteInput } from "@heddle/schema";
import { z } from "zod";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const inviteMember = defineRoute({
  id: "invitations.create",
  method: "POST",
  path: "/api/workspaces/:id/invitations",
  summary: "Invite somebody by e-mail or link",
  description: "The link is shown this once; where mail is configured it is sent too.",
  auth: "session",
  permission: "members.manage",
  params: idParams,
  body: inviteInput.strict(),
  success: { status: 201, schema: invitationResource.extend({ link: z.string(), isMailed: z.boolean() }) },
  handle: ({ platform, params, body }, actor) => platform.invitations.invite(actor, { workspaceId: params.id, ...body }),
});
