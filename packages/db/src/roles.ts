/** The database roles that Heddle's own statements run under; see the migration that makes them. */
export type DatabaseRole = "app" | "auth" | "journal";

/** Every role that connects: `jobs` is the queue's, which owns the schema {@link JOBS_SCHEMA} and may see nothing else. */
export type LoginRole = DatabaseRole | "jobs";

/** Where the queue keeps its hints, when it is in PostgreSQL. */
export const JOBS_SCHEMA = "heddle_jobs";

/** One address per role, and the owner's for migrations. */
export interface DatabaseUrls {
  owner: string;
  app: string;
  auth: string;
  journal: string;
  jobs: string;
}

/** The name of a role in PostgreSQL. */
export function roleName(role: LoginRole): string {
  return `heddle_${role}`;
}

/**
 * Addresses for a server of which only the owner's is known: each connection gives the owner's rights up as it starts.
 * Needs a direct connection or a session pooler, because transaction poolers drop start-up options.
 */
export function urlsFromOwner(ownerUrl: string): DatabaseUrls {
  const as = (role: LoginRole): string => addStartOptions(ownerUrl, `-c role=${roleName(role)}`);
  return { owner: ownerUrl, app: as("app"), auth: as("auth"), journal: as("journal"), jobs: as("jobs") };
}

/** Adds options that a connection starts with (`-c name=value`) to those that an address has. */
export function addStartOptions(address: string, options: string): string {
  const url = new URL(address);
  const own = url.searchParams.get("options");
  url.searchParams.set("options", own === null ? options : `${own} ${options}`);
  return url.href;
}
