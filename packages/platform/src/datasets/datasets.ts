import { type Database, uuidv7 } from "@heddle/db";
import { parseExamplesCsv, type ParsedExamples } from "@heddle/retrieval";
import type { DatasetResource, Page } from "@heddle/schema";
import { notFound, type Access } from "../access/access.ts";
import type { Actor } from "../access/actor.ts";
import type { AuditRecorder } from "../audit-recorder.ts";
import { refuseTaken } from "../conflict.ts";
import { refuseInUse } from "../deployments/refuse-in-use.ts";
import { idCursor, pageOf, takeFor, type PageRequest } from "../paging.ts";
import { toDatasetResource, TRAINING_COLUMNS } from "./dataset-resource.ts";
import type { TrainingQueue } from "./training.ts";

export interface DatasetsOptions {
  db: Database;
  access: Access;
  audit: AuditRecorder;
  training: TrainingQueue;
}

export interface NewDataset {
  name: string;
  /** A CSV file. */
  bytes: Uint8Array;
  /** `<template>/<file>` where it came from one. */
  source?: string | undefined;
}

export interface ExampleResource {
  id: number;
  text: string;
  label: string | null;
}

/** Examples for classifiers. What a workspace uploads is learnt at once, in the background. */
export interface Datasets {
  list(actor: Actor, query: PageRequest & { workspaceId: string }): Promise<Page<DatasetResource>>;
  byId(actor: Actor, id: string): Promise<DatasetResource>;
  /** Stores the usable rows of a CSV file, all or none. @throws HeddleError csv_invalid, file_invalid, conflict */
  create(actor: Actor, workspaceId: string, input: NewDataset): Promise<DatasetResource>;
  rows(actor: Actor, query: PageRequest & { id: string }): Promise<Page<ExampleResource>>;
  rename(actor: Actor, id: string, name: string): Promise<DatasetResource>;
  /** @throws HeddleError in_use where a published agent answers with it */
  delete(actor: Actor, id: string): Promise<void>;
  /** Learns the current version once more. */
  retrain(actor: Actor, id: string): Promise<DatasetResource>;
}

/** Rows that are written in one statement. */
const ROWS_PER_INSERT = 5_000;

export function createDatasets({ db, access, audit, training }: DatasetsOptions): Datasets {
  const find = async (workspaceId: string, id: string): Promise<DatasetResource> => {
    const row = await db
      .prismaFor(workspaceId)
      .dataset.findFirst({ where: { id }, include: { classifiers: { select: TRAINING_COLUMNS } } });
    if (!row) throw notFound("dataset");
    return toDatasetResource(row, row.classifiers);
  };
  const taken = (name: string) => (error: unknown) => refuseTaken(error, `There is already a data set called "${name}".`);

  return {
    list: async (actor, { workspaceId, ...page }) => {
      await access.authorize(actor, workspaceId, "read");
      const cursor = idCursor(page);
      const rows = await db.prismaFor(workspaceId).dataset.findMany({
        ...(cursor === undefined ? {} : { where: { id: { lt: cursor } } }),
        orderBy: { id: "desc" },
        take: takeFor(page),
        include: { classifiers: { select: TRAINING_COLUMNS } },
      });
      return pageOf(
        rows,
        page,
        (row) => toDatasetResource(row, row.classifiers),
        (row) => row.id,
      );
    },

    byId: async (actor, id) => {
      const { workspaceId } = await access.authorizeResource(actor, "dataset", id, "read");
      return await find(workspaceId, id);
    },

    create: async (actor, workspaceId, { name, bytes, source }) => {
      await access.authorize(actor, workspaceId, "write");
      const parsed = parseExamplesCsv(bytes);
      const id = uuidv7();
      await db
        .withWorkspace(workspaceId, (client) => insert(client, { id, workspaceId, name, source: source ?? null, parsed }))
        .catch(taken(name));
      if (parsed.labelColumn !== null) training.start({ workspaceId, datasetId: id, version: 1 });
      await audit.record(actor, workspaceId, "dataset.created", id, { name, rows: parsed.rows.length });
      return await find(workspaceId, id);
    },

    rows: async (actor, { id, ...page }) => {
      const { workspaceId } = await access.authorizeResource(actor, "dataset", id, "read");
      await find(workspaceId, id);
      const after = page.cursor === undefined ? 0 : Math.trunc(Number(page.cursor)) || 0;
      const rows = await db.prismaFor(workspaceId).datasetRow.findMany({
        where: { datasetId: id, id: { gt: Math.min(Math.max(after, 0), 2_147_483_647) } },
        orderBy: { id: "asc" },
        take: takeFor(page),
        select: { id: true, text: true, label: true },
      });
      return pageOf(
        rows,
        page,
        (row) => row,
        (row) => String(row.id),
      );
    },

    rename: async (actor, id, name) => {
      const { workspaceId } = await access.authorizeResource(actor, "dataset", id, "write");
      await db
        .prismaFor(workspaceId)
        .dataset.updateMany({ where: { id }, data: { name, updatedAt: new Date() } })
        .catch(taken(name));
      return await find(workspaceId, id);
    },

    delete: async (actor, id) => {
      const { workspaceId } = await access.authorizeResource(actor, "dataset", id, "write");
      const { name } = await find(workspaceId, id);
      await refuseInUse(db, workspaceId, id, "data set");
      await db.prismaFor(workspaceId).dataset.deleteMany({ where: { id } });
      await db.changes.publish({ kind: "dataset", id, workspaceId });
      await audit.record(actor, workspaceId, "dataset.deleted", id, { name });
    },

    retrain: async (actor, id) => {
      const { workspaceId } = await access.authorizeResource(actor, "dataset", id, "write");
      const { version, labelColumn } = await find(workspaceId, id);
      if (labelColumn !== null) await training.enqueue({ workspaceId, datasetId: id, version });
      return await find(workspaceId, id);
    },
  };
}

interface Insert {
  id: string;
  workspaceId: string;
  name: string;
  source: string | null;
  parsed: ParsedExamples;
}

/** Everything in the caller's transaction, so that a data set is there with all its rows or not at all. */
async function insert(
  client: Parameters<Parameters<Database["withWorkspace"]>[1]>[0],
  { id, workspaceId, name, source, parsed }: Insert,
): Promise<void> {
  const { rows, columns, textColumn, labelColumn, rejected } = parsed;
  await client.query(
    `INSERT INTO datasets (id, workspace_id, name, columns, text_column, label_column, row_count, labels, rejected, source)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      id,
      workspaceId,
      name,
      columns.map(clean),
      clean(textColumn),
      labelColumn === null ? null : clean(labelColumn),
      rows.length,
      JSON.stringify(countLabels(parsed)),
      JSON.stringify(rejected),
      source,
    ],
  );
  for (let from = 0; from < rows.length; from += ROWS_PER_INSERT) {
    const part = rows.slice(from, from + ROWS_PER_INSERT);
    await client.query(
      `INSERT INTO dataset_rows (workspace_id, dataset_id, id, text, label)
       SELECT $1, $2, r.id, r.text, r.label FROM unnest($3::int[], $4::text[], $5::text[]) AS r (id, text, label)`,
      [
        workspaceId,
        id,
        part.map((_, index) => from + index + 1),
        part.map((row) => clean(row.text)),
        part.map((row) => (row.label === null ? null : clean(row.label))),
      ],
    );
  }
  if (labelColumn !== null) {
    await client.query(
      "INSERT INTO classifiers (workspace_id, dataset_id, version, status, stage) VALUES ($1, $2, 1, 'queued', 'Waiting')",
      [workspaceId, id],
    );
  }
}

/** A text column can't hold NUL. */
function clean(text: string): string {
  return text.replaceAll("\u0000", "");
}

/** Labels with the number of their examples, the most frequent first. */
function countLabels({ rows }: ParsedExamples): { label: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const { label } of rows) if (label !== null) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].map(([label, count]) => ({ label, count })).toSorted((a, b) => b.count - a.count || (a.label < b.label ? -1 : 1));
}
