import { z } from "zod";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const revokeInvitation = defineRoute({
  id: "invitations.revoke",
  method: "DELETE",
  path: "/api/workspaces/:id/invitations/:invitationId",
  summary: "Take an invitation back",
  auth: "session",
  permission: "members.manage",
  params: idParams.extend({ invitationId: z.uuid() }),
  success: { status: 204 },
  handle: ({ platform, params }, actor) =>
    platform.invitations.revoke(actor, { workspaceId: params.id, invitationId: params.invitationId }),
});
