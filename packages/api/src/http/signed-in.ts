import type { SignedIn } from "@heddle/platform/accounts/accounts";
import { userResource } from "@heddle/schema";
import { z } from "zod";
import type { RouteCall } from "./route.ts";

/** What signing up and in answer, beside the session cookie. */
export const signedInBody = z.object({ user: userResource });

/** The answer for somebody who has just signed in. */
export function signedInResponse({ user, setCookies }: SignedIn, status: 200 | 201): Response {
  return withCookies(Response.json({ user }, { status }), setCookies);
}

export function withCookies(response: Response, setCookies: readonly string[]): Response {
  for (const cookie of setCookies) response.headers.append("set-cookie", cookie);
  return response;
}

/** The caller as sign-in knows them: for limits on guessing, and the list of sessions. */
export function callerOf({ clientAddress, request }: Pick<RouteCall, "clientAddress" | "request">): {
  ip: string;
  userAgent: string | null;
} {
  return { ip: clientAddress, userAgent: request.headers.get("user-agent") };
}
