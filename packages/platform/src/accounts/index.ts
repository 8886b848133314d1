export * from "./accounts.ts";
export type { OAuthClient } from "./auth.ts";
export * from "./mailer.ts";
export type { OAuthSignIn } from "./oauth-sign-in.ts";
