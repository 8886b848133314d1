import { HeddleError } from "@heddle/schema";

/** Says in our words what Better Auth refused. What is not its refusal is returned as it is. */
export function toAuthError(error: unknown): unknown {
  const code = (error as { body?: { code?: unknown } } | null)?.body?.code;
  switch (code) {
    case "INVALID_EMAIL_OR_PASSWORD":
      return new HeddleError("invalid_credentials", "E-mail or password is wrong.");
    case "USER_ALREADY_EXISTS":
    case "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL":
    // Two sign-ups with one e-mail at once: the database refuses the second.
    case "FAILED_TO_CREATE_USER":
      return new HeddleError("email_taken", "There is an account with this e-mail already.", { hint: "Sign in, or set a new password." });
    case "INVALID_EMAIL":
      return new HeddleError("invalid_request", "This is not an e-mail address.");
    case "PASSWORD_TOO_SHORT":
    case "PASSWORD_TOO_LONG":
      return new HeddleError("invalid_credentials", "E-mail or password is wrong.");
    case "INVALID_TOKEN":
    case "USER_NOT_FOUND":
      return new HeddleError("invalid_request", "This link has been used or has expired.", { hint: "Ask for a new one." });
    default:
      return error;
  }
}
