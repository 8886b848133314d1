import { z } from "zod";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const removeMember = defineRoute({
  id: "members.remove",
  method: "DELETE",
  path: "/api/workspaces/:id/members/:memberId",
  summary: "Remove a member, or leave",
  description: "Everyone may remove themselves; admins and owners may remove others. An owner always stays.",
  auth: "session",
  params: idParams.extend({ memberId: z.uuid() }),
  success: { status: 204 },
  handle: ({ platform, params }, actor) => platform.members.remove(actor, { workspaceId: params.id, memberId: params.memberId }),
});
