import { z } from "zod";
import { definePublicRoute } from "../../http/route.ts";
import { callerOf } from "../../http/signed-in.ts";

export const resetPassword = definePublicRoute({
  id: "auth.resetPassword",
  method: "POST",
  path: "/api/auth/reset-password",
  summary: "Set a new password by the token of the mail",
  description: "Works once per token, and ends every session of the account.",
  body: z.object({ token: z.string().min(1).max(512), password: z.string().max(1_024) }).strict(),
  success: { status: 204 },
  handle: (call) => call.platform.accounts.resetPassword(call.body, callerOf(call)),
});
