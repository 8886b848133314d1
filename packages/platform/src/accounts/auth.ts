import { type Database, uuidv7 } from "@heddle/db";
import { prismaAdapter } from "better-auth/adapters/prisma";
import { betterAuth } from "better-auth/minimal";
import { genericOAuth } from "better-auth/plugins/generic-oauth";
import { PASSWORD_LENGTH } from "./account-input.ts";
import { hashPassword, verifyPassword } from "./password-hash.ts";

/** A client that was registered at an identity provider. */
export interface OAuthClient {
  clientId: string;
  clientSecret: string;
}

export interface AuthOptions {
  db: Database;
  /** Where people reach Heddle: origin only, no slash at the end. */
  publicUrl: string;
  /** Signs cookies and states. */
  secret: string;
  providers?:
    | {
        google?: OAuthClient | undefined;
        github?: OAuthClient | undefined;
        /** Any OpenID Connect provider, by its issuer. */
        oidc?: (OAuthClient & { issuer: string; name?: string | undefined }) | undefined;
      }
    | undefined;
  sendResetLink: ((mail: { email: string; url: string }) => void) | undefined;
  onPasswordReset: (userId: string) => Promise<void>;
}

const NO_TOKENS = { accessToken: null, refreshToken: null, idToken: null, accessTokenExpiresAt: null, refreshTokenExpiresAt: null };

/** How long a session lives, s. It is not prolonged. */
const SESSION_SECONDS = 30 * 24 * 3_600;

/** Carries the caller's address, as our own server determined it, into the session's row. Never read from outside. */
export const CLIENT_ADDRESS_HEADER = "x-heddle-client-address";

/** Better Auth, set up for Heddle. Only what {@link createAccounts} calls is reachable; none of its routes is mounted but the OAuth callback. */
export function createAuth({ db, publicUrl, secret, providers = {}, sendResetLink, onPasswordReset }: AuthOptions) {
  const isSecure = usesSecureCookies(publicUrl);
  const { google, github, oidc } = providers;
  return betterAuth({
    appName: "Heddle",
    baseURL: publicUrl,
    basePath: "/api/auth",
    secret,
    trustedOrigins: [new URL(publicUrl).origin],
    telemetry: { enabled: false },
    logger: { disabled: true },
    database: prismaAdapter(db.auth, { provider: "postgresql", transaction: true }),
    emailAndPassword: {
      enabled: true,
      minPasswordLength: PASSWORD_LENGTH.min,
      maxPasswordLength: PASSWORD_LENGTH.max,
      password: { hash: hashPassword, verify: verifyPassword },
      revokeSessionsOnPasswordReset: true,
      onPasswordReset: ({ user }) => onPasswordReset(user.id),
      ...(sendResetLink === undefined
        ? {}
        : {
            // Not waited for: how long it takes must not tell whether there is such an account.
            sendResetPassword: async ({ user, token }) =>
              sendResetLink({ email: user.email, url: `${publicUrl}/reset-password?token=${token}` }),
          }),
    },
    socialProviders: { ...(google && { google }), ...(github && { github }) },
    plugins: oidc
      ? [
          genericOAuth({
            config: [
              {
                providerId: "oidc",
                discoveryUrl: `${oidc.issuer.replace(/\/$/, "")}/.well-known/openid-configuration`,
                clientId: oidc.clientId,
                clientSecret: oidc.clientSecret,
                scopes: ["openid", "email", "profile"],
                requireIdTokenVerification: true,
              },
            ],
          }),
        ]
      : [],
    // Another service tells us who somebody is; we never act for them there, so its tokens are not kept.
    databaseHooks: {
      account: {
        create: { before: async (account) => ({ data: { ...account, ...NO_TOKENS } }) },
        update: { before: async (account) => ({ data: { ...account, ...NO_TOKENS } }) },
      },
    },
    verification: { storeIdentifier: "hashed" },
    session: { expiresIn: SESSION_SECONDS, disableSessionRefresh: true },
    // Guesses are counted where the caller's address is known for sure.
    rateLimit: { enabled: false },
    onAPIError: { errorURL: `${publicUrl}/sign-in` },
    advanced: {
      database: { generateId: () => uuidv7() },
      ipAddress: { ipAddressHeaders: [CLIENT_ADDRESS_HEADER] },
      // Better Auth's own switch would put its prefix before ours.
      useSecureCookies: false,
      cookiePrefix: isSecure ? "__Host-heddle" : "heddle",
      defaultCookieAttributes: { secure: isSecure, httpOnly: true, sameSite: "lax", path: "/" },
    },
  });
}

/** The name of the cookie that carries the session. */
export function sessionCookieName(publicUrl: string): string {
  return `${usesSecureCookies(publicUrl) ? "__Host-heddle" : "heddle"}.session_token`;
}

/**
 * Browsers keep secure cookies from plain http, loopback excepted. Whoever serves Heddle under plain http on another host
 * gets cookies that work, and no protection from those who listen.
 */
export function usesSecureCookies(publicUrl: string): boolean {
  const { protocol, hostname } = new URL(publicUrl);
  return protocol === "https:" || hostname === "localhost" || hostname.endsWith(".localhost") || /^127\.|^\[::1\]$/.test(hostname);
}
