import { HeddleError } from "@heddle/schema";
import type { AuthOptions, createAuth } from "./auth.ts";

/** Signing in with another service, by OAuth 2 with PKCE or OpenID Connect. */
export interface OAuthSignIn {
  /** What the sign-in page offers. */
  methods(): { providers: { id: string; name: string }[]; canResetPassword: boolean };
  /** Begins: where to send the browser, and the cookies that bind the answer to it. @throws HeddleError not_found */
  startProvider(provider: string, next: string | undefined): Promise<{ location: string; setCookies: string[] }>;
  /** Ends: the provider's redirect to `/api/auth/callback/:provider`. */
  finishProvider(request: Request): Promise<Response>;
}

interface OAuthSignInOptions extends Pick<AuthOptions, "publicUrl" | "providers"> {
  auth: ReturnType<typeof createAuth>;
  canResetPassword: boolean;
}

export function createOAuthSignIn({ auth, publicUrl, providers = {}, canResetPassword }: OAuthSignInOptions): OAuthSignIn {
  const offered = [
    ...(providers.google ? [{ id: "google", name: "Google" }] : []),
    ...(providers.github ? [{ id: "github", name: "GitHub" }] : []),
    ...(providers.oidc ? [{ id: "oidc", name: providers.oidc.name ?? "single sign-on" }] : []),
  ];
  return {
    methods: () => ({ providers: offered, canResetPassword }),
    startProvider: async (provider, next) => {
      if (!offered.some(({ id }) => id === provider)) throw new HeddleError("not_found", "There is no such way to sign in here.");
      const { response, headers } = await auth.api
        .signInSocial({
          body: { provider, callbackURL: publicUrl + safePath(next), errorCallbackURL: `${publicUrl}/sign-in`, disableRedirect: true },
          returnHeaders: true,
        })
        .catch((cause: unknown) => {
          throw new HeddleError("unavailable", "The other service can't be reached just now.", { cause });
        });
      if (!("url" in response) || response.url === undefined)
        throw new HeddleError("unavailable", "The other service can't be reached just now.");
      return { location: response.url, setCookies: headers.getSetCookie() };
    },
    finishProvider: async (request) => {
      const { pathname, search } = new URL(request.url);
      // The library behind this has more routes, and none of them is meant to be open.
      if (!/^\/api\/auth\/callback\/[a-z]{1,32}$/.test(pathname)) throw new HeddleError("not_found", "There is nothing here.");
      const cookie = request.headers.get("cookie") ?? "";
      const response = await auth.handler(new Request(publicUrl + pathname + search, { headers: { cookie } }));
      const location = response.headers.get("location");
      const error = location === null ? "unknown" : new URL(location, publicUrl).searchParams.get("error");
      return error === null ? response : refusal(error, publicUrl);
    },
  };
}

/** An address on our own site, or its start page: nobody is sent elsewhere after signing in. */
export function safePath(next: string | undefined): string {
  if (next === undefined || !/^\/(?![/\\])[\x21-\x7e]*$/.test(next)) return "/agents";
  const base = "https://heddle.invalid";
  const url = URL.parse(next, base);
  return url !== null && url.origin === base ? url.pathname + url.search + url.hash : "/agents";
}

/** A sign-in that did not succeed is a 400, with a way back for the person who sees it. */
function refusal(error: string, publicUrl: string): Response {
  const code = /^[a-z_]{1,64}$/i.test(error) ? error.toLowerCase() : "unknown";
  const back = `${publicUrl}/sign-in?error=${code}`;
  return new Response(
    `<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="0; url=${back}"><title>Signing in did not work</title><p>Signing in did not work. <a href="${back}">Try again</a>.</p></html>`,
    {
      status: 400,
      headers: { "content-type": "text/html; charset=utf-8", "cache-control": "no-store", "content-security-policy": "default-src 'none'" },
    },
  );
}
