import { HeddleError, type UserResource } from "@heddle/schema";
import { z } from "zod";

/** In characters. */
export const PASSWORD_LENGTH = { min: 8, max: 128 } as const;

const email = z.email().max(254);

/** @throws HeddleError invalid_request */
export function normaliseEmail(text: string): string {
  const parsed = email.safeParse(typeof text === "string" ? text.trim().toLowerCase() : text);
  if (!parsed.success) throw new HeddleError("invalid_request", "This is not an e-mail address.", { details: { field: "email" } });
  return parsed.data;
}

/** @throws HeddleError invalid_request */
export function assertPassword(text: string): string {
  if (typeof text === "string" && text.length >= PASSWORD_LENGTH.min && text.length <= PASSWORD_LENGTH.max) return text;
  throw new HeddleError("invalid_request", `A password has ${PASSWORD_LENGTH.min} to ${PASSWORD_LENGTH.max} characters.`, {
    details: { field: "password" },
  });
}

/** A name on one line, without characters that can't be seen. @throws HeddleError invalid_request */
export function cleanName(text: string): string {
  const name =
    typeof text === "string"
      ? text
          .toWellFormed()
          .replaceAll(/\p{Cc}+/gu, " ")
          .trim()
      : "";
  if (name !== "" && name.length <= 120) return name;
  throw new HeddleError("invalid_request", "A name has 1 to 120 characters.", { details: { field: "name" } });
}

interface UserRow {
  id: string;
  email: string;
  name: string | null;
  image: string | null;
  createdAt: Date;
}
export function toUserResource({ id, email: address, name, image, createdAt }: UserRow): UserResource {
  return { id, email: address, name, image, createdAt: createdAt.toISOString() };
}
