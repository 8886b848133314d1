import { rest } from "./rest.ts";

/** Ways to sign in that this Heddle offers. */
export interface AuthMethods {
  providers: { id: string; name: string }[];
  /** True when mail is configured, so that a forgotten password can be replaced. */
  canResetPassword: boolean;
}

export function authMethods(): Promise<AuthMethods> {
  return rest("/api/auth/methods");
}

/** Opens a session. @throws ProblemError invalid_credentials, rate_limited */
export function signIn(input: { email: string; password: string }): Promise<unknown> {
  return rest("/api/auth/login", { body: input });
}

/** Makes an account with its own workspace and opens a session. @throws ProblemError email_taken, invalid_request */
export function signUp(input: { name: string; email: string; password: string }): Promise<unknown> {
  return rest("/api/auth/register", { body: input });
}

/** Sends a link for a new password; answers the same whether there is such an account or not. */
export function requestPasswordReset(email: string): Promise<unknown> {
  return rest("/api/auth/forgot-password", { body: { email } });
}

/** Sets a new password by the token of the mail. @throws ProblemError invalid_request */
export function resetPassword(input: { token: string; password: string }): Promise<unknown> {
  return rest("/api/auth/reset-password", { body: input });
}

/** Address that starts signing in with another service and ends on `next`. */
export function providerSignInPath(provider: string, next: string): string {
  return `/api/auth/start/${encodeURIComponent(provider)}?next=${encodeURIComponent(next)}`;
}
