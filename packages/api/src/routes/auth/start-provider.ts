import { z } from "zod";
import { definePublicRoute } from "../../http/route.ts";
import { withCookies } from "../../http/signed-in.ts";

export const startProvider = definePublicRoute({
  id: "auth.start",
  method: "GET",
  path: "/api/auth/start/:provider",
  summary: "Sign in with another service",
  description: "Redirects there. `next` is the page to end on.",
  params: z.object({ provider: z.string().regex(/^[a-z]{1,32}$/) }),
  query: z.object({ next: z.string().max(2_000).optional() }),
  success: { status: 200, description: "A redirect to the service" },
  handle: async ({ platform, params, query }) => {
    const { location, setCookies } = await platform.accounts.startProvider(params.provider, query.next);
    return withCookies(new Response(null, { status: 302, headers: { location } }), setCookies);
  },
});
