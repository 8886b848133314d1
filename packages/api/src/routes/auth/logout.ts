import { z } from "zod";
import { definePublicRoute } from "../../http/route.ts";
import { withCookies } from "../../http/signed-in.ts";

export const logout = definePublicRoute({
  id: "auth.logout",
  method: "POST",
  path: "/api/auth/logout",
  summary: "End the session",
  description: "Answers the same where there is none.",
  body: z.object({}).strict(),
  success: { status: 204 },
  handle: async ({ platform, request }) =>
    withCookies(new Response(null, { status: 204 }), await platform.accounts.logout(request.headers)),
});
