import type { ApiKeyScope, Role } from "@heddle/schema";

/**
 * What can be allowed. `read` sees everything of a workspace that is not secret; `write` changes agents, data sets and
 * knowledge; `execute` runs agents.
 */
export const PERMISSIONS = [
  "read",
  "write",
  "execute",
  "deploy",
  "members.manage",
  "apiKeys.manage",
  "credentials.manage",
  "settings.manage",
  "audit.read",
  "owners.manage",
  "workspace.delete",
] as const;
export type Permission = (typeof PERMISSIONS)[number];

const VIEWER: readonly Permission[] = ["read"];
const MEMBER: readonly Permission[] = [...VIEWER, "write", "execute", "deploy"];
const ADMIN: readonly Permission[] = [...MEMBER, "members.manage", "apiKeys.manage", "credentials.manage", "settings.manage", "audit.read"];
const OWNER: readonly Permission[] = [...ADMIN, "owners.manage", "workspace.delete"];

const BY_ROLE: Record<Role, ReadonlySet<Permission>> = {
  VIEWER: new Set(VIEWER),
  MEMBER: new Set(MEMBER),
  ADMIN: new Set(ADMIN),
  OWNER: new Set(OWNER),
};

/** A key can never manage people, keys or credentials, so a stolen one can't make itself a successor. */
const BY_SCOPE: Record<ApiKeyScope, readonly Permission[]> = {
  read: ["read"],
  write: ["write", "execute"],
  deploy: ["deploy"],
};

/** Whether a member of this role may. */
export function roleAllows(role: Role, permission: Permission): boolean {
  return BY_ROLE[role].has(permission);
}

/** Whether a key of these scopes may. */
export function scopesAllow(scopes: readonly ApiKeyScope[], permission: Permission): boolean {
  return scopes.some((scope) => BY_SCOPE[scope].includes(permission));
}
