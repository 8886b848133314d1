/** The database roles that Heddle works under; see the migration that makes them. */
export type DatabaseRole = "app" | "auth" | "journal";

/** One address per role, and the owner's for migrations. */
export interface DatabaseUrls {
  owner: string;
  app: string;
  auth: string;
  journal: string;
}

/** The name of a role in PostgreSQL. */
export function roleName(role: DatabaseRole): string {
  return `heddle_${role}`;
}

/**
 * Addresses for a server of which only the owner's is known: each connection gives the owner's rights up as it starts.
 * Needs a direct connection or a session pooler, because transaction poolers drop start-up options.
 */
export function urlsFromOwner(ownerUrl: string): DatabaseUrls {
  const as = (role: DatabaseRole): string => addStartOptions(ownerUrl, `-c role=${roleName(role)}`);
  return { owner: ownerUrl, app: as("app"), auth: as("auth"), journal: as("journal") };
}

/** Adds options that a connection starts with (`-c name=value`) to those that an address has. */
export function addStartOptions(address: string, options: string): string {
  const url = new URL(address);
  const own = url.searchParams.get("options");
  url.searchParams.set("options", own === null ? options : `${own} ${options}`);
  return url.href;
}
