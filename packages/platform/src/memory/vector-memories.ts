import { type Database, uuidv7 } from "@heddle/db";
import type { EmbeddingPort, RunFacts, VectorMemory, VectorMemoryPort } from "@heddle/node-kit";
import { HeddleError, type Json } from "@heddle/schema";
import { memoryAddress, memoryOwner } from "./memory-address.ts";

/** UTF-8 bytes of one text, and of what is kept with it. */
const MAX_TEXT_BYTES = 16 * 1024;
const MAX_METADATA_BYTES = 16 * 1024;
/** Texts of one owner. Looking through so many, exactly, takes about a tenth of a second. */
const MAX_MEMORIES = 20_000;
/** Vectors that are looked at together: 1.5 MB of them. */
const BATCH = 1_000;

/** What vector memory nodes remember, in the run's workspace. */
export function createVectorMemories(db: Database, run: RunFacts, embeddings: EmbeddingPort): VectorMemoryPort {
  const { workspaceId } = run;

  /** Every text of an owner that is at least so close to a question; only the closest, where there is a limit. */
  const findClose = async (
    owner: [scope: string, owner: string],
    query: string,
    { limit, minScore, signal }: Closeness,
  ): Promise<Scored[]> => {
    const vector = await embed(embeddings, query, signal);
    let found: Scored[] = [];
    let after: string | undefined;
    for (;;) {
      const { rows } = await db.withWorkspace(workspaceId, (client) =>
        client.query<{ id: string; embedding: Buffer }>(
          `SELECT id, embedding FROM vector_memories
           WHERE workspace_id = $1 AND scope = $2 AND owner = $3 AND ($4::uuid IS NULL OR id > $4) AND (expires_at IS NULL OR expires_at > now())
           ORDER BY id LIMIT $5`,
          [workspaceId, ...owner, after ?? null, BATCH],
        ),
      );
      for (const { id, embedding } of rows) {
        const score = cosine(vector, embedding);
        if (score !== undefined && score >= minScore) found.push({ id, score });
      }
      // Kept short on the way, so that memory does not grow with what there is to look at.
      found = found.toSorted((left, right) => right.score - left.score).slice(0, limit);
      after = rows.at(-1)?.id;
      if (rows.length < BATCH || after === undefined) return found;
      signal?.throwIfAborted();
    }
  };

  return {
    async remember({ scope, text, name, metadata = null, ttlMs, signal }, idempotencyKey) {
      const owner = memoryOwner(run, scope);
      if (name !== undefined) memoryAddress(run, scope, name);
      const plain = checkedText(text);
      const details = checkedMetadata(metadata);
      const vector = await embed(embeddings, plain, signal);
      return db.withWorkspace(workspaceId, async (client) => {
        const place = [workspaceId, scope, owner];
        await client.query(
          "DELETE FROM vector_memories WHERE workspace_id = $1 AND scope = $2 AND owner = $3 AND expires_at <= now()",
          place,
        );
        if (name !== undefined) {
          await client.query(
            "DELETE FROM vector_memories WHERE workspace_id = $1 AND scope = $2 AND owner = $3 AND name = $4 AND idempotency_key <> $5",
            [...place, name, idempotencyKey],
          );
        }
        const { rows: counted } = await client.query<{ count: number }>(
          "SELECT count(*)::int AS count FROM vector_memories WHERE workspace_id = $1 AND scope = $2 AND owner = $3 AND idempotency_key <> $4",
          [...place, idempotencyKey],
        );
        if ((counted[0]?.count ?? 0) >= MAX_MEMORIES) throw tooMany();
        await client.query(
          `INSERT INTO vector_memories (id, workspace_id, scope, owner, name, text, metadata, embedding, idempotency_key, expires_at)
           VALUES ($4, $1, $2, $3, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING`,
          [
            ...place,
            uuidv7(),
            name ?? null,
            plain,
            details,
            toBytes(vector),
            idempotencyKey,
            ttlMs === undefined ? null : new Date(Date.now() + ttlMs),
          ],
        );
        const { rows } = await client.query<{ id: string }>(
          `SELECT id FROM vector_memories WHERE workspace_id = $1 AND scope = $2 AND owner = $3 AND (idempotency_key = $4 OR name = $5)`,
          [...place, idempotencyKey, name ?? null],
        );
        // Another run may have put its own text under the name at the same moment: then that one counts.
        return { id: rows[0]?.id ?? "" };
      });
    },

    async recall({ scope, query, limit, minScore = -1, signal }) {
      const owner: [string, string] = [scope, memoryOwner(run, scope)];
      const found = await findClose(owner, checkedText(query), { limit, minScore, ...(signal === undefined ? {} : { signal }) });
      if (found.length === 0) return [];
      const { rows } = await db.withWorkspace(workspaceId, (client) =>
        client.query<{ id: string; name: string | null; text: string; metadata: Json; createdAt: Date }>(
          `SELECT id, name, text, metadata, created_at AS "createdAt" FROM vector_memories WHERE workspace_id = $1 AND id = ANY ($2::uuid[])`,
          [workspaceId, found.map(({ id }) => id)],
        ),
      );
      const byId = new Map(rows.map((row) => [row.id, row]));
      return found.flatMap(({ id, score }): VectorMemory[] => {
        const row = byId.get(id);
        if (row === undefined) return [];
        const { name, text, metadata, createdAt } = row;
        return [{ id, ...(name === null ? {} : { name }), text, metadata, score, createdAt: createdAt.getTime() }];
      });
    },

    async forget(request) {
      const owner: [string, string] = [request.scope, memoryOwner(run, request.scope)];
      if ("name" in request) {
        const { rowCount } = await db.withWorkspace(workspaceId, (client) =>
          client.query(
            "DELETE FROM vector_memories WHERE workspace_id = $1 AND scope = $2 AND owner = $3 AND (name = $4 OR id::text = $4)",
            [workspaceId, ...owner, request.name],
          ),
        );
        return rowCount ?? 0;
      }
      const { query, minScore, signal } = request;
      const found = await findClose(owner, checkedText(query), {
        limit: MAX_MEMORIES,
        minScore,
        ...(signal === undefined ? {} : { signal }),
      });
      const { rowCount } = await db.withWorkspace(workspaceId, (client) =>
        client.query("DELETE FROM vector_memories WHERE workspace_id = $1 AND id = ANY ($2::uuid[])", [
          workspaceId,
          found.map(({ id }) => id),
        ]),
      );
      return rowCount ?? 0;
    },
  };
}

interface Scored {
  id: string;
  score: number;
}

interface Closeness {
  limit: number;
  minScore: number;
  signal?: AbortSignal;
}

async function embed(embeddings: EmbeddingPort, text: string, signal: AbortSignal | undefined): Promise<Float32Array> {
  const [vector] = await embeddings.embed([text], signal);
  if (vector === undefined) throw new Error("The embedding model gave no answer for a text.");
  return vector;
}

function toBytes(vector: Float32Array): Buffer {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes;
}

/** Both have length 1. Undefined for a vector that another model made. */
function cosine(query: Float32Array, bytes: Buffer): number | undefined {
  if (bytes.length !== query.length * 4) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let sum = 0;
  for (let index = 0; index < query.length; index += 1) sum += query[index]! * view.getFloat32(index * 4, true);
  return sum;
}

/** A text column can't hold NUL. */
function checkedText(text: string): string {
  const plain = text.replaceAll("\u0000", "").trim();
  if (plain === "") throw new HeddleError("param_invalid", "There is no text to remember or to look for.");
  if (Buffer.byteLength(plain) > MAX_TEXT_BYTES) {
    throw new HeddleError("value_too_large", "A remembered text may have at most 16 KiB.", {
      hint: "Split it, or put long documents into a knowledge base.",
    });
  }
  return plain;
}

function checkedMetadata(metadata: Json): string {
  const text = JSON.stringify(metadata);
  if (Buffer.byteLength(text) > MAX_METADATA_BYTES)
    throw new HeddleError("value_too_large", "What is kept with a text may have at most 16 KiB.");
  // JSON writes NUL as an escape, which a json column takes.
  return text;
}

function tooMany(): HeddleError {
  return new HeddleError("value_too_large", `${MAX_MEMORIES.toLocaleString("en")} texts are remembered here already, which is the most.`, {
    hint: "Forget some, let them expire, or put documents into a knowledge base.",
  });
}
