import { role } from "@heddle/schema";
import { z } from "zod";
import { definePublicRoute } from "../../http/route.ts";

export const previewInvitation = definePublicRoute({
  id: "invitations.preview",
  method: "POST",
  path: "/api/invitations/preview",
  summary: "What an invitation's link leads to",
  body: z.object({ token: z.string().min(1).max(512) }).strict(),
  success: { status: 200, schema: z.object({ workspaceId: z.string(), workspaceName: z.string(), email: z.string(), role }) },
  handle: ({ platform, body }) => platform.invitations.preview(body.token),
});
