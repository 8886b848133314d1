import { invitationResource } from "@heddle/schema";
import { z } from "zod";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const listInvitations = defineRoute({
  id: "invitations.list",
  method: "GET",
  path: "/api/workspaces/:id/invitations",
  summary: "Invitations that can still be accepted",
  auth: "session",
  permission: "members.manage",
  params: idParams,
  success: { status: 200, schema: z.object({ items: z.array(invitationResource), nextCursor: z.null() }) },
  handle: async ({ platform, params }, actor) => ({ items: await platform.invitations.list(actor, params.id), nextCursor: null }),
});
