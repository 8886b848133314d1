import { z } from "zod";
import { definePublicRoute } from "../../http/route.ts";
import { callerOf, signedInBody, signedInResponse } from "../../http/signed-in.ts";

export const register = definePublicRoute({
  id: "auth.register",
  method: "POST",
  path: "/api/auth/register",
  summary: "Make an account",
  description: "Makes a personal workspace too, and opens a session by a cookie.",
  body: z.object({ email: z.string().max(320), password: z.string().max(1_024), name: z.string().max(200) }).strict(),
  success: { status: 201, schema: signedInBody },
  handle: async (call) => signedInResponse(await call.platform.accounts.register(call.body, callerOf(call)), 201),
});
