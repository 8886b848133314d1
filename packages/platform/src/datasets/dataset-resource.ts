import type { DatasetResource, TrainingState } from "@heddle/schema";

export interface DatasetRow {
  id: string;
  name: string;
  version: number;
  columns: string[];
  textColumn: string;
  labelColumn: string | null;
  rowCount: number;
  labels: unknown;
  rejected: unknown;
  createdAt: Date;
  updatedAt: Date;
}

export interface ClassifierRow {
  version: number;
  status: string;
  progress: number;
  stage: string | null;
  accuracy: number | null;
  confusions: unknown;
  error: unknown;
}

/** Columns of {@link ClassifierRow}: all but the artefact, which is large. */
export const TRAINING_COLUMNS = {
  version: true,
  status: true,
  progress: true,
  stage: true,
  accuracy: true,
  confusions: true,
  error: true,
} as const;

/** How the API shows a data set, with what became of the training of its current version. */
export function toDatasetResource(row: DatasetRow, classifiers: readonly ClassifierRow[]): DatasetResource {
  const classifier = classifiers.find((candidate) => candidate.version === row.version);
  return {
    id: row.id,
    name: row.name,
    version: row.version,
    rows: row.rowCount,
    columns: row.columns,
    textColumn: row.textColumn,
    labelColumn: row.labelColumn,
    // Written by us in this shape.
    labels: row.labels as DatasetResource["labels"],
    rejected: row.rejected as DatasetResource["rejected"],
    training: toTrainingState(classifier),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

function toTrainingState(row: ClassifierRow | undefined): TrainingState {
  if (!row) return { status: "none", progress: 0, stage: null, accuracy: null, confusions: [], error: null };
  return {
    status: row.status as TrainingState["status"],
    progress: row.progress,
    stage: row.stage,
    accuracy: row.accuracy,
    confusions: (row.confusions ?? []) as TrainingState["confusions"],
    error: row.error as TrainingState["error"],
  };
}
