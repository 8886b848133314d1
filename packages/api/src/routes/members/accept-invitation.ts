import { z } from "zod";
import { defineRoute } from "../../http/route.ts";

export const acceptInvitation = defineRoute({
  id: "invitations.accept",
  method: "POST",
  path: "/api/invitations/accept",
  summary: "Become a member by an invitation",
  auth: "session",
  body: z.object({ token: z.string().min(1).max(512) }).strict(),
  success: { status: 200, schema: z.object({ workspaceId: z.string() }) },
  handle: ({ platform, body }, actor) => platform.invitations.accept(actor, body.token),
});
