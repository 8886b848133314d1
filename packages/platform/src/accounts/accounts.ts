import type { Database } from "@heddle/db";
import { HeddleError, type UserResource } from "@heddle/schema";
import { notFound } from "../access/access.ts";
import type { UserActor } from "../access/actor.ts";
import { type AuthOptions, CLIENT_ADDRESS_HEADER, createAuth } from "./auth.ts";
import { toAuthError } from "./auth-error.ts";
import { createGuessLimiter, type GuessLimit } from "./guess-limiter.ts";
import { networkOf } from "../limits/network-of.ts";
import type { Mailer } from "./mailer.ts";
import { assertPassword, cleanName, normaliseEmail, toUserResource } from "./account-input.ts";
import { createOAuthSignIn, type OAuthSignIn } from "./oauth-sign-in.ts";
import { hashPassword, verifyPassword } from "./password-hash.ts";
import { createSessionReader } from "./session-reader.ts";

export interface AccountsOptions extends Pick<AuthOptions, "publicUrl" | "secret" | "providers"> {
  db: Database;
  mailer?: Mailer | undefined;
  /** Told about mails that could not be sent. */
  onMailError?: (error: unknown) => void;
}

/** Where a request comes from. `ip` is what our own server determined, never what a header claims. */
export interface Caller {
  ip: string;
  userAgent?: string | null | undefined;
}

/** Somebody who has just signed in, and the cookies that say so. */
export interface SignedIn {
  user: UserResource;
  setCookies: string[];
}

export interface SessionResource {
  id: string;
  ipAddress: string | null;
  userAgent: string | null;
  createdAt: string;
  expiresAt: string;
  isCurrent: boolean;
}

/** Who people are: signing up, in and out, passwords, sessions. */
export interface Accounts extends OAuthSignIn {
  /** Makes an account with a personal workspace and opens a session. @throws HeddleError email_taken, invalid_request, rate_limited */
  register(input: { email: string; password: string; name: string }, caller: Caller): Promise<SignedIn>;
  /** @throws HeddleError invalid_credentials, rate_limited */
  login(input: { email: string; password: string }, caller: Caller): Promise<SignedIn>;
  /** Ends the session of the request's cookie, if there is one. @returns cookies that remove it */
  logout(headers: Headers): Promise<string[]>;
  /** Who a request's cookie stands for; undefined without a session that holds. */
  identify(headers: Headers): Promise<UserActor | undefined>;
  /** Mails a link for a new password; nothing tells whether there is such an account. @throws HeddleError not_configured, rate_limited */
  forgotPassword(input: { email: string }, caller: Caller): Promise<void>;
  /** Sets a new password by a mailed token, once, and ends every session. @throws HeddleError invalid_request, rate_limited */
  resetPassword(input: { token: string; password: string }, caller: Caller): Promise<void>;
  me(actor: UserActor): Promise<UserResource>;
  updateProfile(actor: UserActor, input: { name: string }): Promise<UserResource>;
  /** Sets a new password and ends all other sessions. @throws HeddleError invalid_credentials, unprocessable, rate_limited */
  changePassword(actor: UserActor, input: { currentPassword: string; newPassword: string }): Promise<void>;
  sessions(actor: UserActor): Promise<SessionResource[]>;
  /** @throws HeddleError not_found */
  revokeSession(actor: UserActor, sessionId: string): Promise<void>;
  /** Signs the person out everywhere, here too. */
  revokeAllSessions(actor: UserActor): Promise<void>;
  close(): void;
}

const MINUTE = 60_000;

export function createAccounts(options: AccountsOptions): Accounts {
  const { db, mailer, publicUrl, onMailError = () => undefined } = options;
  const tellSessionsChanged = (userId: string): Promise<void> => db.changes.publish({ kind: "session", id: userId });
  const auth = createAuth({
    ...options,
    sendResetLink: mailer && (({ email, url }) => void mailer.send(resetMail(email, url)).catch(onMailError)),
    onPasswordReset: async (userId) => {
      // Who reads the mailbox is who the account belongs to.
      await db.auth.user.update({ where: { id: userId }, data: { emailVerified: true } });
      await tellSessionsChanged(userId);
    },
  });
  const limiter = createGuessLimiter(db.pools.auth);
  const reader = createSessionReader({ db, publicUrl, getSession: (headers) => auth.api.getSession({ headers }) });

  const guessesAt = (email: string): GuessLimit => ({ name: "password.account", subject: email, limit: 10, windowMs: 15 * MINUTE });
  const from = (caller: Caller, name: string, limit: number, windowMs: number): GuessLimit => ({
    name,
    subject: networkOf(caller.ip),
    limit,
    windowMs,
  });

  const findUser = async (userId: string): Promise<UserResource> => {
    const user = await db.auth.user.findUnique({ where: { id: userId } });
    if (user === null) throw new HeddleError("unauthenticated", "This account does not exist any more.");
    return toUserResource(user);
  };
  const signedIn = async (userId: string, headers: Headers): Promise<SignedIn> => ({
    user: await findUser(userId),
    setCookies: headers.getSetCookie(),
  });

  return {
    ...createOAuthSignIn({ auth, publicUrl, providers: options.providers, canResetPassword: mailer !== undefined }),
    register: async (input, caller) => {
      await limiter.consume([from(caller, "register.address", 200, 60 * MINUTE)]);
      const body = { email: normaliseEmail(input.email), password: assertPassword(input.password), name: cleanName(input.name) };
      const { response, headers } = await auth.api
        .signUpEmail({ body, headers: describe(caller), returnHeaders: true })
        .catch((error: unknown) => Promise.reject(toAuthError(error)));
      return signedIn(response.user.id, headers);
    },
    login: async (input, caller) => {
      const email = normaliseEmail(input.email);
      const atAccount = guessesAt(email);
      const atAddress = from(caller, "login.address", 100, 15 * MINUTE);
      await limiter.consume([atAccount, atAddress]);
      const { response, headers } = await auth.api
        .signInEmail({ body: { email, password: input.password }, headers: describe(caller), returnHeaders: true })
        .catch((error: unknown) => Promise.reject(toAuthError(error)));
      await Promise.all([limiter.reset([atAccount]), limiter.refund([atAddress])]);
      return signedIn(response.user.id, headers);
    },
    logout: async (headers) => {
      const actor = await reader.read(headers);
      const { headers: answer } = await auth.api.signOut({ headers: onlyCookies(headers), returnHeaders: true });
      if (actor !== undefined) await tellSessionsChanged(actor.userId);
      return answer.getSetCookie();
    },
    identify: (headers) => reader.read(headers),
    forgotPassword: async (input, caller) => {
      if (mailer === undefined) {
        throw new HeddleError("not_configured", "No mail can be sent from here, so a forgotten password can't be replaced.", {
          hint: "Whoever runs this Heddle can set SMTP_URL.",
        });
      }
      const email = normaliseEmail(input.email);
      await limiter.consume([
        { name: "forgot.account", subject: email, limit: 5, windowMs: 60 * MINUTE },
        from(caller, "forgot.address", 30, 60 * MINUTE),
      ]);
      await auth.api.requestPasswordReset({ body: { email } });
    },
    resetPassword: async (input, caller) => {
      await limiter.consume([from(caller, "reset.address", 30, 60 * MINUTE)]);
      if (typeof input.token !== "string" || input.token === "") throw new HeddleError("invalid_request", "The link is not complete.");
      await auth.api
        .resetPassword({ body: { token: input.token, newPassword: assertPassword(input.password) } })
        .catch((error: unknown) => Promise.reject(toAuthError(error)));
    },
    me: (actor) => findUser(actor.userId),
    updateProfile: async (actor, input) => {
      const user = await db.auth.user.update({ where: { id: actor.userId }, data: { name: cleanName(input.name) } });
      await tellSessionsChanged(actor.userId);
      return toUserResource(user);
    },
    changePassword: async (actor, input) => {
      const atAccount = guessesAt(actor.email);
      await limiter.consume([atAccount]);
      const account = await db.auth.account.findFirst({ where: { userId: actor.userId, providerId: "credential" } });
      if (account?.password == null) {
        throw new HeddleError("unprocessable", "This account has no password, because it signs in with another service.");
      }
      assertPassword(input.newPassword);
      if (!(await verifyPassword({ hash: account.password, password: input.currentPassword }))) {
        throw new HeddleError("invalid_credentials", "The current password is wrong.");
      }
      const password = await hashPassword(input.newPassword);
      await db.auth.$transaction([
        db.auth.account.update({ where: { id: account.id }, data: { password } }),
        db.auth.session.deleteMany({ where: { userId: actor.userId, NOT: { id: actor.sessionId } } }),
      ]);
      await Promise.all([limiter.reset([atAccount]), tellSessionsChanged(actor.userId)]);
    },
    sessions: async (actor) => {
      const rows = await db.auth.session.findMany({
        where: { userId: actor.userId, expiresAt: { gt: new Date() } },
        orderBy: { createdAt: "desc" },
        take: 100,
      });
      return rows.map((row) => ({
        id: row.id,
        ipAddress: row.ipAddress === "" ? null : row.ipAddress,
        userAgent: row.userAgent === "" ? null : row.userAgent,
        createdAt: row.createdAt.toISOString(),
        expiresAt: row.expiresAt.toISOString(),
        isCurrent: row.id === actor.sessionId,
      }));
    },
    revokeSession: async (actor, sessionId) => {
      const { count } = await db.auth.session.deleteMany({ where: { id: sessionId, userId: actor.userId } });
      if (count === 0) throw notFound("session");
      await tellSessionsChanged(actor.userId);
    },
    revokeAllSessions: async (actor) => {
      await db.auth.session.deleteMany({ where: { userId: actor.userId } });
      await tellSessionsChanged(actor.userId);
    },
    close: reader.close,
  };
}

/** What Better Auth may know of a request: nothing that its sender could use to claim another address or origin. */
function describe(caller: Caller): Headers {
  return new Headers({ [CLIENT_ADDRESS_HEADER]: caller.ip, "user-agent": (caller.userAgent ?? "").slice(0, 500) });
}

function onlyCookies(headers: Headers): Headers {
  return new Headers({ cookie: headers.get("cookie") ?? "" });
}

function resetMail(email: string, url: string) {
  return {
    to: email,
    subject: "Set a new password for Heddle",
    text: `Somebody, most likely you, asked for a new password for this address.\n\nSet it here within an hour:\n${url}\n\nIf it was not you, ignore this mail: nothing has changed.\n`,
  };
}
