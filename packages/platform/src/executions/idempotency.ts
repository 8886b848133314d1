import { createHash } from "node:crypto";
import { type Database, uuidv7 } from "@heddle/db";
import { HeddleError } from "@heddle/schema";
import { canonicalJson } from "../versions/config-hash.ts";

/** How long a caller's key, and a webhook's id, are remembered, ms. */
export const CALL_TTL_MS = 24 * 3_600_000;
export const WEBHOOK_TTL_MS = 72 * 3_600_000;
const MAX_KEY_LENGTH = 255;

export interface Claim {
  /** The execution that the key stands for: a new id, or that of the first request. */
  executionId: string;
  isFirst: boolean;
}

/**
 * Reserves an execution's id for a key, so that requests that are sent again, also at once, lead to one run.
 * @throws HeddleError invalid_request, idempotency_mismatch where the key was used for another request
 */
export async function claimKey(
  db: Database,
  { workspaceId, scope, key, request, ttlMs }: { workspaceId: string; scope: string; key: string; request: unknown; ttlMs: number },
): Promise<Claim> {
  if (key.length === 0 || key.length > MAX_KEY_LENGTH)
    throw new HeddleError("invalid_request", `An Idempotency-Key has 1 to ${MAX_KEY_LENGTH} characters.`);
  const hash = createHash("sha256").update(canonicalJson(request)).digest();
  const executionId = uuidv7();
  return await db.withWorkspace(workspaceId, async (client) => {
    const values = [workspaceId, scope, key, hash, executionId, new Date(Date.now() + ttlMs)];
    const claimed = await client.query(CLAIM, values);
    if (claimed.rowCount === 1) return { executionId, isFirst: true };
    const { rows } = await client.query<{ executionId: string; requestHash: Buffer }>(
      'SELECT execution_id AS "executionId", request_hash AS "requestHash" FROM idempotency_records WHERE workspace_id = $1 AND scope = $2 AND key = $3',
      values.slice(0, 3),
    );
    const [first] = rows;
    if (!first?.requestHash.equals(hash))
      throw new HeddleError("idempotency_mismatch", "This Idempotency-Key was used for another request.", {
        hint: "Send a new key with a new request.",
      });
    return { executionId: first.executionId, isFirst: false };
  });
}

const CLAIM = `INSERT INTO idempotency_records AS r (workspace_id, scope, key, request_hash, execution_id, expires_at) VALUES ($1, $2, $3, $4, $5, $6)
  ON CONFLICT (workspace_id, scope, key) DO UPDATE SET request_hash = excluded.request_hash, execution_id = excluded.execution_id, expires_at = excluded.expires_at, created_at = now()
  WHERE r.expires_at <= now()`;
