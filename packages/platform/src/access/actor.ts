import type { ApiKeyScope } from "@heddle/schema";

/** Who asks. Made by authentication alone, never from anything in a request's body. */
export type Actor = UserActor | ApiKeyActor;

export interface UserActor {
  kind: "user";
  userId: string;
  sessionId: string;
  email: string;
  name: string | null;
}

/** A program. It acts in the key's workspace and nowhere else. */
export interface ApiKeyActor {
  kind: "apiKey";
  apiKeyId: string;
  workspaceId: string;
  name: string;
  scopes: readonly ApiKeyScope[];
  /** Requests a minute; the server's default where it is absent. */
  rateLimit?: number;
}

/** How an actor is written into executions and audit events: `user:<id>` or `key:<id>`. */
export function actorLabel(actor: Actor): string {
  return actor.kind === "user" ? `user:${actor.userId}` : `key:${actor.apiKeyId}`;
}
