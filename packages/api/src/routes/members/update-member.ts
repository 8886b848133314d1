import { memberResource, role } from "@heddle/schema";
import { z } from "zod";
import { idParams } from "../../http/params.ts";
import { defineRoute } from "../../http/route.ts";

export const updateMember = defineRoute({
  id: "members.update",
  method: "PUT",
  path: "/api/workspaces/:id/members/:memberId",
  summary: "Give a member another role",
  auth: "session",
  permission: "members.manage",
  params: idParams.extend({ memberId: z.uuid() }),
  body: z.object({ role }).strict(),
  success: { status: 200, schema: memberResource },
  handle: ({ platform, params, body }, actor) =>
    platform.members.updateRole(actor, { workspaceId: params.id, memberId: params.memberId, role: body.role }),
});
