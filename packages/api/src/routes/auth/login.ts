import { z } from "zod";
import { definePublicRoute } from "../../http/route.ts";
import { callerOf, signedInBody, signedInResponse } from "../../http/signed-in.ts";

export const login = definePublicRoute({
  id: "auth.login",
  method: "POST",
  path: "/api/auth/login",
  summary: "Sign in with e-mail and password",
  body: z.object({ email: z.string().max(320), password: z.string().max(1_024) }).strict(),
  success: { status: 200, schema: signedInBody },
  handle: async (call) => signedInResponse(await call.platform.accounts.login(call.body, callerOf(call)), 200),
});
