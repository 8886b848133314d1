import type { WebhookSecret } from "@heddle/schema";
import type { PoolClient } from "pg";
import type { Vault } from "../credentials/vault.ts";
import { makeWebhookSecret } from "./sign-webhook.ts";

/** How long a secret signs beside its successor. */
export const OVERLAP = "24 hours";
/** More than one rotation a few hours makes sense for nobody, and every secret lengthens the header. */
const MOST_AT_ONCE = 5;

export interface SecretOwner {
  client: PoolClient;
  workspaceId: string;
  endpointId: string;
  /** Null for the database's clock. */
  at: Date | null;
}

/** Makes the endpoint's next secret. The one before expires after the overlap, or at once. @returns the new one */
export async function addSecret(vault: Vault, { client, workspaceId, endpointId, at }: SecretOwner, endsPrevious = false): Promise<string> {
  const { rows } = await client.query<{ version: number }>(
    "SELECT coalesce(max(version), 0) + 1 AS version FROM webhook_secrets WHERE endpoint_id = $1",
    [endpointId],
  );
  const version = rows[0]?.version ?? 1;
  const secret = makeWebhookSecret();
  const { sealed, keyVersion } = await vault.seal(client, workspaceId, ownerOf(endpointId, version), secret);
  await client.query(
    `DELETE FROM webhook_secrets WHERE endpoint_id = $1 AND ($2 OR expires_at <= coalesce($3::timestamptz, now()) OR version <= $4)`,
    [endpointId, endsPrevious, at, version - MOST_AT_ONCE],
  );
  await client.query(
    `UPDATE webhook_secrets SET expires_at = coalesce($2::timestamptz, now()) + $3::interval WHERE endpoint_id = $1 AND expires_at IS NULL`,
    [endpointId, at, OVERLAP],
  );
  await client.query(
    `INSERT INTO webhook_secrets (workspace_id, endpoint_id, version, sealed, key_version, created_at)
     VALUES ($1, $2, $3, $4, $5, coalesce($6::timestamptz, now()))`,
    [workspaceId, endpointId, version, sealed, keyVersion, at],
  );
  return secret;
}

/** The secrets that sign now, the newest first. */
export async function openSecrets(vault: Vault, owner: SecretOwner): Promise<string[]> {
  const secrets: string[] = [];
  for (const row of await select(owner))
    secrets.push(await vault.open(owner.workspaceId, ownerOf(owner.endpointId, row.version), row, owner.client));
  return secrets;
}

/** The secret for those who may see it. */
export async function showSecret(vault: Vault, owner: SecretOwner): Promise<WebhookSecret> {
  const [newest, ...previous] = await select(owner);
  if (newest === undefined) throw new Error("an endpoint without a secret");
  return {
    secret: await vault.open(owner.workspaceId, ownerOf(owner.endpointId, newest.version), newest, owner.client),
    createdAt: newest.createdAt.toISOString(),
    previous: previous.map(({ createdAt, expiresAt }) => ({
      createdAt: createdAt.toISOString(),
      expiresAt: (expiresAt ?? createdAt).toISOString(),
    })),
  };
}

interface SecretRow {
  version: number;
  sealed: Buffer;
  keyVersion: number;
  createdAt: Date;
  expiresAt: Date | null;
}

async function select({ client, endpointId, at }: SecretOwner): Promise<SecretRow[]> {
  const { rows } = await client.query<SecretRow>(
    `SELECT version, sealed, key_version AS "keyVersion", created_at AS "createdAt", expires_at AS "expiresAt" FROM webhook_secrets
     WHERE endpoint_id = $1 AND (expires_at IS NULL OR expires_at > coalesce($2::timestamptz, now())) ORDER BY version DESC`,
    [endpointId, at],
  );
  return rows;
}

/** What the vault binds a secret to. */
function ownerOf(endpointId: string, version: number): string {
  return `webhook ${endpointId}|${version}`;
}
