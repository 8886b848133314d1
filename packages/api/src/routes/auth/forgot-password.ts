import { z } from "zod";
import { definePublicRoute } from "../../http/route.ts";
import { callerOf } from "../../http/signed-in.ts";

export const forgotPassword = definePublicRoute({
  id: "auth.forgotPassword",
  method: "POST",
  path: "/api/auth/forgot-password",
  summary: "Mail a link for a new password",
  description: "Answers the same whether there is such an account or not.",
  body: z.object({ email: z.string().max(320) }).strict(),
  success: { status: 204 },
  handle: (call) => call.platform.accounts.forgotPassword(call.body, callerOf(call)),
});
