import type { Database } from "@heddle/db";
import type { Embedder } from "@heddle/models/builtin";
import { chunkDocument } from "@heddle/retrieval";
import { HeddleError, toErrorInfo } from "@heddle/schema";
import { BUILT_IN_MODEL } from "../models/built-in-model.ts";
import { toBytes } from "./vector-bytes.ts";

export interface IndexingOptions {
  db: Database;
  embedder: Pick<Embedder, "embed">;
  onFault: (fault: unknown) => void;
}

export interface IndexingTask {
  workspaceId: string;
  knowledgeBaseId: string;
  documentId: string;
}

/** Passages that are written in one statement; each carries 1.5 kB of vector. */
const ROWS_PER_INSERT = 500;

/** Splits and embeds documents in the background, one after another; a document is searchable entirely or not at all. */
export class IndexingQueue {
  readonly #options: IndexingOptions;
  readonly #underway = new Map<string, Promise<void>>();
  readonly #closing = new AbortController();
  #last: Promise<void> = Promise.resolve();

  constructor(options: IndexingOptions) {
    this.#options = options;
  }

  /** Begins with a document whose row says `indexing`. */
  start(task: IndexingTask): void {
    if (this.#underway.has(task.documentId) || this.#closing.signal.aborted) return;
    const done = this.#last.then(() => this.#index(task)).finally(() => this.#underway.delete(task.documentId));
    this.#underway.set(task.documentId, done);
    this.#last = done.catch((error: unknown) => {
      if (!this.#closing.signal.aborted) this.#options.onFault(error);
    });
  }

  /** Resolves when these documents are no longer being worked on in this process. */
  async settled(documentIds: readonly string[]): Promise<void> {
    await Promise.allSettled(documentIds.map((id) => this.#underway.get(id)));
  }

  /** Ends what is going on. It is taken up again at the next start. */
  async close(): Promise<void> {
    this.#closing.abort(new HeddleError("unavailable", "Heddle is shutting down."));
    await this.#last;
  }

  async #index({ workspaceId, knowledgeBaseId, documentId }: IndexingTask): Promise<void> {
    const { db, embedder } = this.#options;
    const { signal } = this.#closing;
    signal.throwIfAborted();
    const document = await db.prismaFor(workspaceId).knowledgeDocument.findFirst({
      where: { id: documentId, status: "indexing" },
      select: { name: true, mediaType: true, content: true },
    });
    if (!document) return;
    try {
      const chunks = chunkDocument({ name: document.name, mediaType: document.mediaType, bytes: Buffer.from(document.content) });
      const vectors = await embedder.embed(
        chunks.map(({ section, text }) => (section === undefined ? text : `${section}\n${text}`)),
        { signal },
      );
      await db.withWorkspace(workspaceId, async (client) => {
        await client.query("DELETE FROM knowledge_passages WHERE workspace_id = $1 AND document_id = $2", [workspaceId, documentId]);
        for (let from = 0; from < chunks.length; from += ROWS_PER_INSERT) {
          const part = chunks.slice(from, from + ROWS_PER_INSERT);
          await client.query(INSERT_PASSAGES, [
            workspaceId,
            documentId,
            knowledgeBaseId,
            BUILT_IN_MODEL,
            part.map((_, index) => from + index),
            part.map((chunk) => chunk.section ?? null),
            part.map((chunk) => chunk.text),
            part.map((_, index) => toBytes(vectors[from + index] ?? new Float32Array())),
          ]);
        }
        await client.query(
          "UPDATE knowledge_documents SET status = 'ready', error = NULL, passage_count = $3 WHERE workspace_id = $1 AND id = $2",
          [workspaceId, documentId, chunks.length],
        );
        await client.query("UPDATE knowledge_bases SET revision = revision + 1, updated_at = now() WHERE workspace_id = $1 AND id = $2", [
          workspaceId,
          knowledgeBaseId,
        ]);
        await db.changes.publish({ kind: "knowledgeBase", id: knowledgeBaseId, workspaceId }, client);
      });
    } catch (error) {
      if (signal.aborted) throw error;
      const { code, message } = toErrorInfo(error);
      await db
        .prismaFor(workspaceId)
        .knowledgeDocument.updateMany({ where: { id: documentId }, data: { status: "failed", error: { code, message } } });
      if (!(error instanceof HeddleError) || error.status >= 500) throw error;
    }
  }
}

const INSERT_PASSAGES = `INSERT INTO knowledge_passages (workspace_id, document_id, knowledge_base_id, model, chunk, section, text, vector)
  SELECT $1, $2, $3, $4, p.chunk, p.section, p.text, p.vector
  FROM unnest($5::int[], $6::text[], $7::text[], $8::bytea[]) AS p (chunk, section, text, vector)`;
