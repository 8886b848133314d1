import type { Database, LocatableKind } from "@heddle/db";
import { HeddleError, type Role } from "@heddle/schema";
import type { Actor } from "./actor.ts";
import { type Permission, roleAllows, scopesAllow } from "./permission.ts";

/** A permission that was given: where, and to a member of which role (a key has none). */
export interface Grant {
  workspaceId: string;
  role: Role | undefined;
}

/** The one place where it is decided who may do what. Every use case passes through it before it touches anything. */
export interface Access {
  /**
   * Asks for a permission in a workspace.
   * @throws HeddleError not_found to whoever is not a member; forbidden where the role or the key's scopes do not allow it
   */
  authorize(actor: Actor, workspaceId: string, permission: Permission): Promise<Grant>;
  /**
   * Asks for a permission on a thing that is known by its id alone. A person's membership is looked up with it; a key is
   * sent to its own workspace, where row-level security hides what is not there.
   * @throws HeddleError not_found, forbidden
   */
  authorizeResource(actor: Actor, kind: LocatableKind, id: string, permission: Permission): Promise<Grant>;
  close(): void;
}

/** How long a membership may be remembered, ms. Changes are told at once; this is for the message that got lost. */
const MEMBERSHIP_TTL = 5_000;
const MAX_REMEMBERED = 10_000;

export function createAccess(database: Database, now: () => number = Date.now): Access {
  const remembered = new Map<string, { role: Role; until: number }>();
  const unsubscribe = database.changes.subscribe((event) => {
    if (event.kind === "missed") remembered.clear();
    else if (event.kind === "membership") {
      if (event.workspaceId === undefined) remembered.clear();
      else remembered.delete(`${event.id} ${event.workspaceId}`);
    }
  });

  const roleIn = async (userId: string, workspaceId: string): Promise<Role | undefined> => {
    const key = `${userId} ${workspaceId}`;
    const known = remembered.get(key);
    if (known !== undefined && known.until > now()) return known.role;
    const found = await database.lookups.locate("workspace", workspaceId, userId);
    if (found === undefined) return undefined;
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(key, { role: found.role as Role, until: now() + MEMBERSHIP_TTL });
    return found.role as Role;
  };

  return {
    authorize: async (actor, workspaceId, permission) => {
      if (actor.kind === "apiKey") {
        if (actor.workspaceId !== workspaceId) throw notFound("workspace");
        return grantToKey(actor.scopes, actor.workspaceId, permission);
      }
      const role = await roleIn(actor.userId, workspaceId);
      if (role === undefined) throw notFound("workspace");
      return grantToMember(role, workspaceId, permission);
    },
    authorizeResource: async (actor, kind, id, permission) => {
      if (actor.kind === "apiKey") {
        if (kind === "workspace" && id !== actor.workspaceId) throw notFound(kind);
        return grantToKey(actor.scopes, actor.workspaceId, permission);
      }
      const found = await database.lookups.locate(kind, id, actor.userId);
      if (found === undefined) throw notFound(kind);
      return grantToMember(found.role as Role, found.workspaceId, permission);
    },
    close: unsubscribe,
  };
}

/** The answer for what does not exist and for what the actor may not know of: they must not differ. */
export function notFound(
  kind: LocatableKind | "invitation" | "member" | "schedule" | "session" | "template" | "webhook" | "webhookDelivery",
): HeddleError {
  return new HeddleError("not_found", `There is no such ${NAMES[kind]}, or you have no access to it.`);
}

function grantToMember(role: Role, workspaceId: string, permission: Permission): Grant {
  if (roleAllows(role, permission)) return { workspaceId, role };
  throw new HeddleError("forbidden", `Your role in this workspace, ${role}, does not allow this.`, {
    hint: "Ask an admin or owner of the workspace for another role.",
    details: { role, permission },
  });
}

function grantToKey(scopes: Parameters<typeof scopesAllow>[0], workspaceId: string, permission: Permission): Grant {
  if (scopesAllow(scopes, permission)) return { workspaceId, role: undefined };
  throw new HeddleError("forbidden", "This API key's scopes do not allow this.", {
    hint: "Use a key with the scope that this needs, or sign in.",
    details: { scopes: [...scopes], permission },
  });
}

const NAMES: Record<Parameters<typeof notFound>[0], string> = {
  workspace: "workspace",
  agent: "agent",
  deployment: "deployment",
  execution: "execution",
  dataset: "data set",
  knowledgeBase: "knowledge base",
  knowledgeDocument: "document",
  credential: "credential",
  apiKey: "API key",
  invitation: "invitation",
  member: "member",
  schedule: "schedule",
  session: "session",
  template: "template",
  webhook: "webhook",
  webhookDelivery: "delivery",
};
