import type { Database } from "@heddle/db";
import type { FileStorage, StoredFile } from "@heddle/files";
import { ownerOfKey, VALUES_FOLDER } from "../large-values/value-key.ts";

/** Files this young may be about to be referred to, ms. No run lasts as long without writing. */
const SPARED_MS = 24 * 3_600_000;
/** Files this old were looked at before, when their run had ended, ms. */
const LOOKED_AT_MS = 4 * SPARED_MS;
const BATCH = 500;

/**
 * Deletes the large values of executions that are gone, with their agent or with their month; and those of executions that
 * refer to others, because the process that wrote them died before it could say so. @returns how many
 */
export async function sweepFiles(db: Database, files: FileStorage, now = Date.now()): Promise<number> {
  let deleted = 0;
  let batch: StoredFile[] = [];
  const flush = async (): Promise<void> => {
    const orphans = await orphansOf(db, batch, now);
    await files.delete(orphans);
    deleted += orphans.length;
    batch = [];
  };
  for await (const file of files.list(VALUES_FOLDER)) {
    if (now - file.modifiedAt.getTime() < SPARED_MS) continue;
    batch.push(file);
    if (batch.length === BATCH) await flush();
  }
  if (batch.length > 0) await flush();
  return deleted;
}

async function orphansOf(db: Database, files: StoredFile[], now: number): Promise<string[]> {
  const known = files.flatMap((file) => {
    const owner = ownerOfKey(file.key);
    return owner ? [{ ...owner, key: file.key, isNew: now - file.modifiedAt.getTime() < LOOKED_AT_MS }] : [];
  });
  const { rows } = await db.pools.journal.query<{ key: string }>(ORPHANS, [
    known.map((file) => file.key),
    known.map((file) => file.workspaceId),
    known.map((file) => file.executionId),
    known.map((file) => file.sha256),
    known.map((file) => file.isNew),
  ]);
  return rows.map((row) => row.key);
}

const ORPHANS = `
SELECT v.key FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::text[], $5::bool[]) AS v (key, workspace_id, execution_id, sha256, is_new)
LEFT JOIN executions e ON e.workspace_id = v.workspace_id AND e.id = v.execution_id
WHERE e.id IS NULL OR (
  v.is_new AND e.status IN ('COMPLETED', 'FAILED', 'CANCELLED')
  AND strpos(coalesce(e.output::text, ''), v.sha256) = 0 AND strpos(coalesce(e.trace::text, ''), v.sha256) = 0
  AND NOT EXISTS (
    SELECT FROM execution_traces t
    WHERE t.workspace_id = v.workspace_id AND t.execution_id = v.execution_id AND strpos(t.steps::text, v.sha256) > 0
  )
)`;
