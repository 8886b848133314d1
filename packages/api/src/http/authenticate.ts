import type { Actor } from "@heddle/platform/access/actor";
import { scopesAllow } from "@heddle/platform/access/permission";
import { HeddleError } from "@heddle/schema";
import type { ApiContext } from "../context.ts";
import { countRequest } from "./count-request.ts";
import type { Route } from "./route.ts";

/**
 * Who sent this request. An Authorization header decides alone: a wrong key is never saved by a cookie.
 * Undefined where it names nobody.
 */
export async function identify(request: Request, { platform }: ApiContext): Promise<Actor | undefined> {
  const authorization = request.headers.get("authorization");
  if (authorization !== null) {
    const [, key] = /^Bearer +([^\s]+)$/i.exec(authorization) ?? [];
    return key === undefined ? undefined : await platform.apiKeys.authenticate(key);
  }
  return request.headers.has("cookie") ? await platform.accounts.identify(request.headers) : undefined;
}

/**
 * Who may call this route, counted as whoever they are.
 * @throws HeddleError unauthenticated, forbidden, rate_limited
 */
export async function authenticate(
  request: Request,
  context: ApiContext,
  route: Pick<Route, "auth" | "permission" | "rate">,
  address: string,
): Promise<Actor | undefined> {
  const isRun = route.rate === "run";
  if (route.auth === "public") {
    // Who sends to a hook proves themselves there, and is counted where they can't.
    if (route.rate === undefined) await countRequest(request, context, { actor: undefined, address, isRun });
    return undefined;
  }
  const actor = await identify(request, context);
  await countRequest(request, context, { actor, address, isRun });
  if (!actor) {
    const isKey = request.headers.has("authorization");
    throw new HeddleError(
      "unauthenticated",
      isKey
        ? "The API key is not valid. It may have been revoked or have expired."
        : "Sign in, or send an API key as Authorization: Bearer KEY.",
    );
  }
  if (actor.kind === "apiKey") {
    if (route.auth === "session" || route.permission === undefined)
      throw new HeddleError("forbidden", "API keys can't do this. Sign in to do it.");
    if (!scopesAllow(actor.scopes, route.permission)) {
      throw new HeddleError("forbidden", "This API key's scopes do not allow this.", {
        details: { scopes: [...actor.scopes], permission: route.permission },
      });
    }
  }
  return actor;
}
