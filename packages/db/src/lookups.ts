import type pg from "pg";

/** What can be located by its id alone. */
export type LocatableKind =
  | "workspace"
  | "agent"
  | "deployment"
  | "execution"
  | "dataset"
  | "knowledgeBase"
  | "knowledgeDocument"
  | "credential"
  | "apiKey";

export interface ApiKeyRecord {
  id: string;
  workspaceId: string;
  name: string;
  scopes: string[];
  expiresAt: Date | null;
  createdBy: string | null;
  /** Requests a minute; null is the server's default. */
  ratePerMinute: number | null;
}
export interface InvitationRecord {
  id: string;
  workspaceId: string;
  email: string;
  role: string;
  expiresAt: Date;
}

/** Questions that are asked before a workspace is known. Each is one narrow function in the database. */
export interface Lookups {
  /** Where a thing is, and the person's role there; undefined where it does not exist or the person is no member. */
  locate(kind: LocatableKind, id: string, userId: string): Promise<{ workspaceId: string; role: string } | undefined>;
  apiKeyByHash(hash: Uint8Array): Promise<ApiKeyRecord | undefined>;
  /** For public endpoints, which know nothing but the deployment. */
  workspaceOfDeployment(deploymentId: string): Promise<string | undefined>;
  invitationByHash(hash: Uint8Array): Promise<InvitationRecord | undefined>;
  /** Trainings and indexings that are marked as going on. */
  unfinishedWork(): Promise<{ kind: "classifier" | "knowledgeDocument"; workspaceId: string; id: string }[]>;
  /** Data keys that are wrapped by another key than the named one. */
  keysToRewrap(currentKey: string): Promise<{ workspaceId: string; version: number }[]>;
}

export function createLookups(pool: pg.Pool): Lookups {
  const rows = async <T>(text: string, values: unknown[]): Promise<T[]> => (await pool.query(text, values)).rows as T[];
  return {
    locate: async (kind, id, userId) => {
      // A malformed id is one that does not exist.
      if (!UUID.test(id)) return undefined;
      const [row] = await rows<{ workspaceId: string; role: string }>(
        `SELECT workspace_id AS "workspaceId", role FROM heddle_locate($1, $2, $3)`,
        [kind, id, userId],
      );
      return row;
    },
    apiKeyByHash: async (hash) => {
      const [row] = await rows<ApiKeyRecord>(
        `SELECT id, workspace_id AS "workspaceId", name, scopes, expires_at AS "expiresAt", created_by AS "createdBy",
         rate_per_minute AS "ratePerMinute" FROM heddle_find_api_key($1)`,
        [hash],
      );
      return row;
    },
    workspaceOfDeployment: async (deploymentId) => {
      if (!UUID.test(deploymentId)) return undefined;
      const [row] = await rows<{ id: string | null }>("SELECT heddle_deployment_workspace($1) AS id", [deploymentId]);
      return row?.id ?? undefined;
    },
    invitationByHash: async (hash) => {
      const [row] = await rows<InvitationRecord>(
        `SELECT id, workspace_id AS "workspaceId", email, role, expires_at AS "expiresAt" FROM heddle_find_invitation($1)`,
        [hash],
      );
      return row;
    },
    unfinishedWork: () => rows(`SELECT kind, workspace_id AS "workspaceId", id FROM heddle_unfinished_work()`, []),
    keysToRewrap: (currentKey) => rows(`SELECT workspace_id AS "workspaceId", version FROM heddle_keys_to_rewrap($1)`, [currentKey]),
  };
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether a text can be the id of anything; asking the database with another is an error there. */
export function isId(text: string): boolean {
  return UUID.test(text);
}
