import { z } from "zod";
import { definePublicRoute } from "../../http/route.ts";

export const methods = definePublicRoute({
  id: "auth.methods",
  method: "GET",
  path: "/api/auth/methods",
  summary: "Ways to sign in here",
  success: {
    status: 200,
    schema: z.object({ providers: z.array(z.object({ id: z.string(), name: z.string() })), canResetPassword: z.boolean() }),
  },
  handle: async ({ platform }) => platform.accounts.methods(),
});
