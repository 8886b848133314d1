import { HeddleError } from "@heddle/schema";

/** Turns a broken unique constraint into a `conflict` with a sentence for people; anything else is thrown as it is. */
export function refuseTaken(error: unknown, message: string): never {
  const { code } = (error ?? {}) as { code?: unknown };
  // P2002 is Prisma's name for it, 23505 PostgreSQL's.
  if (code === "P2002" || code === "23505") throw new HeddleError("conflict", message, { cause: error });
  throw error;
}
