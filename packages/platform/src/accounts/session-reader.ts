import type { Database } from "@heddle/db";
import type { UserActor } from "../access/actor.ts";
import { sessionCookieName } from "./auth.ts";

export interface SessionReaderOptions {
  db: Database;
  publicUrl: string;
  getSession: (headers: Headers) => Promise<{ session: { id: string }; user: { id: string; email: string; name: string | null } } | null>;
}

/** How long a session may be remembered, ms. Its end is told at once; this is for the message that got lost. */
const TTL = 5_000;
const MAX_REMEMBERED = 10_000;

/** Reads who a request's cookie stands for, and asks the database once in a while only. */
export function createSessionReader({ db, publicUrl, getSession }: SessionReaderOptions) {
  const name = sessionCookieName(publicUrl);
  const remembered = new Map<string, { actor: UserActor; until: number }>();
  // Counts what was told, so that an answer that was under way meanwhile is not remembered.
  let changes = 0;
  const close = db.changes.subscribe((event) => {
    if (event.kind !== "session" && event.kind !== "missed") return;
    changes += 1;
    for (const [cookie, { actor }] of remembered) if (event.kind === "missed" || actor.userId === event.id) remembered.delete(cookie);
  });

  return {
    close,
    read: async (headers: Headers): Promise<UserActor | undefined> => {
      const cookie = readCookie(headers.get("cookie") ?? "", name);
      if (cookie === undefined) return undefined;
      const known = remembered.get(cookie);
      if (known !== undefined && known.until > Date.now()) return known.actor;
      const before = changes;
      const found = await getSession(new Headers({ cookie: `${name}=${cookie}` }));
      if (found === null) {
        remembered.delete(cookie);
        return undefined;
      }
      const { session, user } = found;
      const actor: UserActor = { kind: "user", userId: user.id, sessionId: session.id, email: user.email, name: user.name };
      if (remembered.size >= MAX_REMEMBERED) remembered.clear();
      if (before === changes) remembered.set(cookie, { actor, until: Date.now() + TTL });
      return actor;
    },
  };
}

function readCookie(header: string, name: string): string | undefined {
  for (const part of header.split(";")) {
    const [key, ...value] = part.split("=");
    if (key?.trim() === name) return value.join("=").trim();
  }
  return undefined;
}
