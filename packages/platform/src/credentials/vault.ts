import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { Database } from "@heddle/db";
import { HeddleError } from "@heddle/schema";
import type { PoolClient } from "pg";

/** A key outside the database that wraps the workspaces' data keys: 32 bytes, with a name that changes when it does. */
export interface WrappingKey {
  id: string;
  key: Uint8Array;
}

/** Seals and opens secrets under a random key per workspace. */
export interface Vault {
  /** Encrypts for one owner (a credential and its version) and no other. Makes the workspace's data key on first use. */
  seal(client: PoolClient, workspaceId: string, owner: string, plain: string): Promise<{ sealed: Buffer; keyVersion: number }>;
  /** @throws HeddleError internal where the secret was changed, moved, or its key is gone */
  open(workspaceId: string, owner: string, secret: { sealed: Uint8Array; keyVersion: number }, client?: PoolClient): Promise<string>;
  /** Wraps all data keys that an earlier key wraps by the current one. @returns how many */
  rewrapAll(): Promise<number>;
}

export interface VaultOptions {
  db: Database;
  current: WrappingKey;
  /** Earlier wrapping keys, for data keys that were not rewrapped yet. */
  previous?: WrappingKey[];
}

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const MAX_REMEMBERED = 1_000;

export function createVault({ db, current, previous = [] }: VaultOptions): Vault {
  const wrappers = new Map([current, ...previous].map((each) => [each.id, each.key]));
  const dataKeys = new Map<string, Buffer>();

  const unwrap = (workspaceId: string, row: KeyRow): Buffer => {
    const wrapper = wrappers.get(row.wrappedBy);
    if (wrapper === undefined) {
      throw new HeddleError("internal", "This workspace's secrets were encrypted under a key that this Heddle does not have.", {
        hint: "Whoever runs it must restore the earlier HEDDLE_SECRET_KEY.",
      });
    }
    return decrypt(wrapper, row.wrapped, keyContext(workspaceId, row.version));
  };
  const remember = (workspaceId: string, version: number, key: Buffer): void => {
    if (dataKeys.size >= MAX_REMEMBERED) dataKeys.clear();
    dataKeys.set(`${workspaceId} ${version}`, key);
  };
  const select = async (client: PoolClient, version: number | null): Promise<KeyRow | undefined> => {
    const { rows } = await client.query<KeyRow>(
      `SELECT version, wrapped, wrapped_by AS "wrappedBy" FROM workspace_keys WHERE $1::int IS NULL OR version = $1 ORDER BY version DESC LIMIT 1`,
      [version],
    );
    return rows[0];
  };
  const newestKey = async (client: PoolClient, workspaceId: string): Promise<{ key: Buffer; version: number }> => {
    let row = await select(client, null);
    if (row === undefined) {
      const wrapped = encrypt(current.key, randomBytes(KEY_BYTES), keyContext(workspaceId, 1));
      await client.query(
        "INSERT INTO workspace_keys (workspace_id, version, wrapped, wrapped_by) VALUES ($1, 1, $2, $3) ON CONFLICT DO NOTHING",
        [workspaceId, wrapped, current.id],
      );
      // Another request may have been first: what is stored counts.
      row = await select(client, null);
      if (row === undefined) throw new Error("the data key that was just made is not there");
    }
    return { key: unwrap(workspaceId, row), version: row.version };
  };

  return {
    seal: async (client, workspaceId, owner, plain) => {
      const { key, version } = await newestKey(client, workspaceId);
      return { sealed: encrypt(key, Buffer.from(plain), secretContext(workspaceId, owner)), keyVersion: version };
    },
    open: async (workspaceId, owner, { sealed, keyVersion }, client) => {
      let key = dataKeys.get(`${workspaceId} ${keyVersion}`);
      if (key === undefined) {
        const row = client ? await select(client, keyVersion) : await db.withWorkspace(workspaceId, (own) => select(own, keyVersion));
        if (row === undefined)
          throw new HeddleError("internal", "The key of this workspace's secrets was destroyed, so they can't be read any more.");
        key = unwrap(workspaceId, row);
        remember(workspaceId, keyVersion, key);
      }
      return decrypt(key, sealed, secretContext(workspaceId, owner)).toString();
    },
    rewrapAll: async () => {
      const due = await db.lookups.keysToRewrap(current.id);
      for (const { workspaceId, version } of due) {
        await db.withWorkspace(workspaceId, async (client) => {
          const row = await select(client, version);
          if (row === undefined) return;
          const wrapped = encrypt(current.key, unwrap(workspaceId, row), keyContext(workspaceId, version));
          await client.query("UPDATE workspace_keys SET wrapped = $3, wrapped_by = $4 WHERE workspace_id = $1 AND version = $2", [
            workspaceId,
            version,
            wrapped,
            current.id,
          ]);
        });
      }
      return due.length;
    },
  };
}

interface KeyRow {
  version: number;
  wrapped: Buffer;
  wrappedBy: string;
}

/** What a ciphertext belongs to: it opens nowhere else. */
function keyContext(workspaceId: string, version: number): Buffer {
  return Buffer.from(`key|${workspaceId}|${version}`);
}
function secretContext(workspaceId: string, owner: string): Buffer {
  return Buffer.from(`secret|${workspaceId}|${owner}`);
}

/** AES-256-GCM under a fresh nonce: nonce, ciphertext, tag. */
function encrypt(key: Uint8Array, plain: Uint8Array, context: Uint8Array): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(context);
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: Uint8Array, sealed: Uint8Array, context: Uint8Array): Buffer {
  try {
    const bytes = Buffer.from(sealed);
    const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES }).setAAD(context);
    decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, bytes.length - TAG_BYTES)), decipher.final()]);
  } catch (cause) {
    throw new HeddleError("internal", "A stored secret can't be opened: it was changed, or its key was.", { cause });
  }
}
