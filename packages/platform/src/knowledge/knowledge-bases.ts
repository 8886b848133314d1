import { type Database, uuidv7 } from "@heddle/db";
import { chunkDocument, decodeText } from "@heddle/retrieval";
import { HeddleError, type KnowledgeBaseResource, type knowledgeDocumentResource, type Page, type passageResource } from "@heddle/schema";
import type { z } from "zod";
import { notFound, type Access } from "../access/access.ts";
import type { Actor } from "../access/actor.ts";
import type { AuditRecorder } from "../audit-recorder.ts";
import { refuseInUse } from "../deployments/refuse-in-use.ts";
import { refuseTaken } from "../conflict.ts";
import { idCursor, pageOf, takeFor, type PageRequest } from "../paging.ts";
import type { IndexingQueue } from "./indexing.ts";
import type { KnowledgeSearch } from "./knowledge-search.ts";

export type KnowledgeDocumentResource = z.infer<typeof knowledgeDocumentResource>;
export type PassageResource = z.infer<typeof passageResource>;

export interface SourceFile {
  name: string;
  mediaType: string;
  bytes: Uint8Array;
}

export interface KnowledgeBasesOptions {
  db: Database;
  access: Access;
  audit: AuditRecorder;
  indexing: IndexingQueue;
  search: KnowledgeSearch;
}

/** What agents can look things up in: documents, split into passages that are searched. */
export interface KnowledgeBases {
  list(actor: Actor, query: PageRequest & { workspaceId: string }): Promise<Page<KnowledgeBaseResource>>;
  byId(actor: Actor, id: string): Promise<KnowledgeBaseResource>;
  /** @throws HeddleError conflict where the name is taken */
  create(actor: Actor, workspaceId: string, input: { name: string; source?: string | undefined }): Promise<KnowledgeBaseResource>;
  rename(actor: Actor, id: string, name: string): Promise<KnowledgeBaseResource>;
  delete(actor: Actor, id: string): Promise<void>;
  documents(actor: Actor, id: string, page: PageRequest): Promise<Page<KnowledgeDocumentResource>>;
  /** Takes all files or none; they are embedded in the background. @throws HeddleError file_invalid, payload_too_large */
  addDocuments(actor: Actor, id: string, files: SourceFile[]): Promise<KnowledgeDocumentResource[]>;
  deleteDocument(actor: Actor, which: { knowledgeBaseId: string; documentId: string }): Promise<void>;
  search(
    actor: Actor,
    id: string,
    request: { query: string; limit?: number | undefined; minScore?: number | undefined },
  ): Promise<PassageResource[]>;
}

export function createKnowledgeBases({ db, access, audit, indexing, search }: KnowledgeBasesOptions): KnowledgeBases {
  const read = async (workspaceId: string, where: { id?: string; before?: string | undefined; take: number }): Promise<BaseRow[]> => {
    const { rows } = await db.withWorkspace(workspaceId, (client) =>
      client.query<BaseRow>(
        `SELECT b.id, b.name, b.created_at AS "createdAt", b.updated_at AS "updatedAt", count(d.id)::int AS documents, coalesce(sum(d.passage_count), 0)::int AS passages
         FROM knowledge_bases b LEFT JOIN knowledge_documents d ON d.workspace_id = b.workspace_id AND d.knowledge_base_id = b.id
         WHERE b.workspace_id = $1 AND ($2::uuid IS NULL OR b.id = $2) AND ($3::uuid IS NULL OR b.id < $3)
         GROUP BY b.workspace_id, b.id ORDER BY b.id DESC LIMIT $4`,
        [workspaceId, where.id ?? null, where.before ?? null, where.take],
      ),
    );
    return rows;
  };
  const find = async (workspaceId: string, id: string): Promise<KnowledgeBaseResource> => {
    const [row] = await read(workspaceId, { id, take: 1 });
    if (!row) throw notFound("knowledgeBase");
    return toResource(row);
  };

  return {
    list: async (actor, { workspaceId, ...page }) => {
      await access.authorize(actor, workspaceId, "read");
      return pageOf(await read(workspaceId, { before: idCursor(page), take: takeFor(page) }), page, toResource, (row) => row.id);
    },

    byId: async (actor, id) => {
      const { workspaceId } = await access.authorizeResource(actor, "knowledgeBase", id, "read");
      return await find(workspaceId, id);
    },

    create: async (actor, workspaceId, { name, source }) => {
      await access.authorize(actor, workspaceId, "write");
      const id = uuidv7();
      await db
        .prismaFor(workspaceId)
        .knowledgeBase.create({ data: { id, workspaceId, name, source: source ?? null } })
        .catch((error: unknown) => refuseTaken(error, `There is already a knowledge base called "${name}".`));
      await audit.record(actor, workspaceId, "knowledgeBase.created", id, { name });
      return await find(workspaceId, id);
    },

    rename: async (actor, id, name) => {
      const { workspaceId } = await access.authorizeResource(actor, "knowledgeBase", id, "write");
      await db
        .prismaFor(workspaceId)
        .knowledgeBase.updateMany({ where: { id }, data: { name, updatedAt: new Date() } })
        .catch((error: unknown) => refuseTaken(error, `There is already a knowledge base called "${name}".`));
      return await find(workspaceId, id);
    },

    delete: async (actor, id) => {
      const { workspaceId } = await access.authorizeResource(actor, "knowledgeBase", id, "write");
      const { name } = await find(workspaceId, id);
      await refuseInUse(db, workspaceId, id, "knowledge base");
      await db.prismaFor(workspaceId).knowledgeBase.deleteMany({ where: { id } });
      await db.changes.publish({ kind: "knowledgeBase", id, workspaceId });
      await audit.record(actor, workspaceId, "knowledgeBase.deleted", id, { name });
    },

    documents: async (actor, id, page) => {
      const { workspaceId } = await access.authorizeResource(actor, "knowledgeBase", id, "read");
      await find(workspaceId, id);
      const cursor = idCursor(page);
      const rows = await db.prismaFor(workspaceId).knowledgeDocument.findMany({
        where: { knowledgeBaseId: id, ...(cursor === undefined ? {} : { id: { lt: cursor } }) },
        orderBy: { id: "desc" },
        take: takeFor(page),
        omit: { content: true },
      });
      return pageOf(rows, page, toDocumentResource, (row) => row.id);
    },

    addDocuments: async (actor, id, files) => {
      const { workspaceId } = await access.authorizeResource(actor, "knowledgeBase", id, "write");
      await find(workspaceId, id);
      if (files.length === 0) throw new HeddleError("invalid_request", "Send at least one file, in the field file.");
      // Every file is read to its end before anything is written, so that a bad one leaves nothing behind.
      const documents = files.map((file) => {
        chunkDocument(file);
        return {
          id: uuidv7(),
          workspaceId,
          knowledgeBaseId: id,
          name: file.name,
          mediaType: file.mediaType === "" ? "text/plain" : file.mediaType.slice(0, 100),
          bytes: file.bytes.byteLength,
          status: "indexing",
          content: decodeText(file.bytes).text.replaceAll("\u0000", ""),
        };
      });
      await db.prismaFor(workspaceId).knowledgeDocument.createMany({ data: documents });
      await db.changes.publish({ kind: "knowledgeBase", id, workspaceId });
      for (const document of documents) indexing.start({ workspaceId, knowledgeBaseId: id, documentId: document.id });
      await audit.record(actor, workspaceId, "knowledgeBase.documentsAdded", id, { documents: documents.map(({ name }) => name) });
      return documents.map((document) => toDocumentResource({ ...document, error: null, passageCount: 0, createdAt: new Date() }));
    },

    deleteDocument: async (actor, { knowledgeBaseId, documentId }) => {
      const { workspaceId } = await access.authorizeResource(actor, "knowledgeDocument", documentId, "write");
      const prisma = db.prismaFor(workspaceId);
      const document = await prisma.knowledgeDocument.findFirst({ where: { id: documentId, knowledgeBaseId }, select: { name: true } });
      if (!document) throw notFound("knowledgeDocument");
      await prisma.knowledgeDocument.deleteMany({ where: { id: documentId } });
      await prisma.knowledgeBase.updateMany({
        where: { id: knowledgeBaseId },
        data: { revision: { increment: 1 }, updatedAt: new Date() },
      });
      await db.changes.publish({ kind: "knowledgeBase", id: knowledgeBaseId, workspaceId });
      await audit.record(actor, workspaceId, "knowledgeBase.documentDeleted", knowledgeBaseId, { name: document.name });
    },

    search: async (actor, id, { query, limit, minScore }) => {
      const { workspaceId } = await access.authorizeResource(actor, "knowledgeBase", id, "read");
      await find(workspaceId, id);
      return await search
        .forWorkspace(workspaceId)
        .search({ knowledgeBaseId: id, query, ...(limit === undefined ? {} : { limit }), ...(minScore === undefined ? {} : { minScore }) });
    },
  };
}

interface BaseRow {
  id: string;
  name: string;
  documents: number;
  passages: number;
  createdAt: Date;
  updatedAt: Date;
}

function toResource({ id, name, documents, passages, createdAt, updatedAt }: BaseRow): KnowledgeBaseResource {
  return { id, name, documents, passages, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() };
}

function toDocumentResource(row: {
  id: string;
  name: string;
  mediaType: string;
  bytes: number;
  passageCount: number;
  status: string;
  error: unknown;
  createdAt: Date;
}): KnowledgeDocumentResource {
  return {
    id: row.id,
    name: row.name,
    mediaType: row.mediaType,
    bytes: row.bytes,
    passages: row.passageCount,
    status: row.status as KnowledgeDocumentResource["status"],
    error: row.error as KnowledgeDocumentResource["error"],
    createdAt: row.createdAt.toISOString(),
  };
}
