import { z } from "zod";
import { definePublicRoute } from "../../http/route.ts";

export const finishProvider = definePublicRoute({
  id: "auth.callback",
  method: "GET",
  path: "/api/auth/callback/:provider",
  summary: "Where the other service sends people back",
  params: z.object({ provider: z.string().regex(/^[a-z]{1,32}$/) }),
  success: { status: 200, description: "A redirect to the page that signing in began for" },
  handle: ({ platform, request }) => platform.accounts.finishProvider(request),
});
