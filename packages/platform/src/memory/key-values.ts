import { createHash } from "node:crypto";
import type { Database } from "@heddle/db";
import type { KeyValuePort, RunFacts } from "@heddle/node-kit";
import { HeddleError, type Json } from "@heddle/schema";
import { memoryAddress } from "./memory-address.ts";

/** UTF-8 bytes of a value as JSON. */
const MAX_VALUE_BYTES = 256 * 1024;
/** How long an increment remembers that it was done; a run is resumed well within. ms */
const IDEMPOTENCY_TTL_MS = 72 * 3_600_000;

/** What key-value nodes remember, in the run's workspace. */
export function createKeyValues(db: Database, run: RunFacts): KeyValuePort {
  const inWorkspace: Database["withWorkspace"] = (workspaceId, work) => db.withWorkspace(workspaceId, work);
  return {
    get: (scope, key) =>
      inWorkspace(run.workspaceId, async (client) => {
        const { rows } = await client.query<{ value: Json }>(
          "SELECT value FROM memory_entries WHERE workspace_id = $1 AND scope = $2 AND owner = $3 AND key = $4 AND (expires_at IS NULL OR expires_at > now())",
          [run.workspaceId, ...memoryAddress(run, scope, key)],
        );
        return rows[0]?.value;
      }),

    set: (scope, key, value, ttlMs) =>
      inWorkspace(run.workspaceId, async (client) => {
        await client.query(UPSERT, [run.workspaceId, ...memoryAddress(run, scope, key), serialise(value), expiry(ttlMs)]);
      }),

    increment: (scope, key, by, idempotencyKey, ttlMs) =>
      inWorkspace(run.workspaceId, async (client) => {
        const [scopeName, owner, name] = memoryAddress(run, scope, key);
        const hash = createHash("sha256")
          .update(JSON.stringify([scopeName, owner, name, by]))
          .digest();
        const claimed = await client.query(
          `INSERT INTO idempotency_records (workspace_id, scope, key, request_hash, expires_at) VALUES ($1, 'memory', $2, $3, $4)
           ON CONFLICT (workspace_id, scope, key) DO NOTHING`,
          [run.workspaceId, idempotencyKey, hash, expiry(IDEMPOTENCY_TTL_MS)],
        );
        if (claimed.rowCount === 0) {
          const { rows } = await client.query<{ response: Json }>(
            "SELECT response FROM idempotency_records WHERE workspace_id = $1 AND scope = 'memory' AND key = $2",
            [run.workspaceId, idempotencyKey],
          );
          return numberOf(rows[0]?.response ?? null, key);
        }
        // Two runs that count in a new entry at once must not both start at nothing.
        await client.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [
          JSON.stringify([run.workspaceId, scopeName, owner, name]),
        ]);
        const { rows } = await client.query<{ value: Json }>(
          "SELECT value FROM memory_entries WHERE workspace_id = $1 AND scope = $2 AND owner = $3 AND key = $4 AND (expires_at IS NULL OR expires_at > now())",
          [run.workspaceId, scopeName, owner, name],
        );
        const next = numberOf(rows[0]?.value ?? 0, key) + by;
        await client.query(KEEP_EXPIRY, [run.workspaceId, scopeName, owner, name, JSON.stringify(next), expiry(ttlMs)]);
        await client.query("UPDATE idempotency_records SET response = $3 WHERE workspace_id = $1 AND scope = 'memory' AND key = $2", [
          run.workspaceId,
          idempotencyKey,
          JSON.stringify(next),
        ]);
        return next;
      }),

    delete: (scope, key) =>
      inWorkspace(run.workspaceId, async (client) => {
        const { rowCount } = await client.query(
          "DELETE FROM memory_entries WHERE workspace_id = $1 AND scope = $2 AND owner = $3 AND key = $4",
          [run.workspaceId, ...memoryAddress(run, scope, key)],
        );
        return (rowCount ?? 0) > 0;
      }),
  };
}

const UPSERT = `INSERT INTO memory_entries (workspace_id, scope, owner, key, value, expires_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, now())
  ON CONFLICT (workspace_id, scope, owner, key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at, updated_at = now()`;
const KEEP_EXPIRY = `INSERT INTO memory_entries (workspace_id, scope, owner, key, value, expires_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, now())
  ON CONFLICT (workspace_id, scope, owner, key) DO UPDATE SET value = excluded.value, updated_at = now(),
    expires_at = CASE WHEN memory_entries.expires_at <= now() THEN excluded.expires_at ELSE memory_entries.expires_at END`;

function serialise(value: Json): string {
  const text = JSON.stringify(value);
  if (Buffer.byteLength(text) > MAX_VALUE_BYTES) throw new HeddleError("value_too_large", "A remembered value may have at most 256 KiB.");
  return text;
}

function expiry(ttlMs: number | undefined): Date | null {
  return ttlMs === undefined ? null : new Date(Date.now() + ttlMs);
}

function numberOf(value: Json, key: string): number {
  if (typeof value === "number") return value;
  throw new HeddleError("input_invalid", `${key} holds something that is not a number, so it can't be counted up.`);
}
