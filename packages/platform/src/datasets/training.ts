import { type Database, Prisma } from "@heddle/db";
import type { TrainingResult } from "@heddle/models/builtin";
import { HeddleError, toErrorInfo } from "@heddle/schema";

/** Learns from examples; `trainInProcess` of the built-in model, or a fake in tests. */
export type Train = (request: {
  examples: { text: string; label: string }[];
  onProgress: (progress: { stage: string; progress: number }) => void;
  signal: AbortSignal;
}) => Promise<TrainingResult>;

export interface TrainingOptions {
  db: Database;
  train: Train;
  /** Name of the embedding model; artefacts of another one are not used. */
  model: string;
  onFault: (fault: unknown) => void;
}

/** How often progress is written down, ms. */
const PROGRESS_EVERY_MS = 400;

/** A version of a data set that is to be learnt. */
export interface TrainingTask {
  workspaceId: string;
  datasetId: string;
  version: number;
}

/** Trains classifiers in the background, one after another: one training keeps both cores busy. */
export class TrainingQueue {
  readonly #options: TrainingOptions;
  readonly #underway = new Map<string, Promise<void>>();
  readonly #closing = new AbortController();
  #last: Promise<void> = Promise.resolve();

  constructor(options: TrainingOptions) {
    this.#options = options;
  }

  /** Puts a training at the end of the queue, once; its row says `queued` when this resolves. */
  async enqueue(task: TrainingTask): Promise<void> {
    if (this.#underway.has(keyOf(task))) return;
    const { workspaceId, datasetId, version } = task;
    await this.#options.db
      .prismaFor(workspaceId)
      .classifier.createMany({ data: { workspaceId, datasetId, version, status: "queued" }, skipDuplicates: true });
    await this.#write(task, { status: "queued", progress: 0, stage: "Waiting", error: null });
    this.start(task);
  }

  /** The same for a task whose row says `queued` already. */
  start(task: TrainingTask): void {
    const key = keyOf(task);
    if (this.#underway.has(key) || this.#closing.signal.aborted) return;
    const done = this.#last.then(() => this.#train(task)).finally(() => this.#underway.delete(key));
    this.#underway.set(key, done);
    this.#last = done.catch((error: unknown) => {
      if (!this.#closing.signal.aborted) this.#options.onFault(error);
    });
  }

  /** Resolves when the training has ended, however it did; undefined where this process is not at it. */
  settled(task: TrainingTask): Promise<void> | undefined {
    return this.#underway.get(keyOf(task))?.catch(() => undefined);
  }

  /** Ends what is going on. It is taken up again at the next start. */
  async close(): Promise<void> {
    this.#closing.abort(new HeddleError("unavailable", "Heddle is shutting down."));
    await this.#last;
  }

  async #train(task: TrainingTask): Promise<void> {
    const { db, train, model } = this.#options;
    const { signal } = this.#closing;
    signal.throwIfAborted();
    const rows = await db
      .prismaFor(task.workspaceId)
      .datasetRow.findMany({ where: { datasetId: task.datasetId }, orderBy: { id: "asc" }, select: { text: true, label: true } });
    const examples = rows.flatMap(({ text, label }) => (label === null ? [] : [{ text, label }]));
    let writtenAt = 0;
    try {
      await this.#write(task, { status: "training", progress: 0, stage: "Reading examples" });
      const result = await train({
        examples,
        signal,
        onProgress: ({ stage, progress }) => {
          if (Date.now() - writtenAt < PROGRESS_EVERY_MS) return;
          writtenAt = Date.now();
          // Progress that can't be written down is only progress that is not seen.
          this.#write(task, { stage, progress }, "training").catch(() => undefined);
        },
      });
      await this.#write(task, {
        status: "ready",
        progress: 1,
        stage: null,
        accuracy: result.crossValidation.accuracy,
        confusions: result.crossValidation.confusions.map(({ label, confusedWith, count }) => ({ label, confusedWith, count })),
        artefact: new Uint8Array(result.classifier),
        model,
        error: null,
      });
    } catch (error) {
      if (signal.aborted) throw error;
      const { code, message } = toErrorInfo(error);
      await this.#write(task, { status: "failed", stage: null, error: { code, message } });
      if (!(error instanceof HeddleError) || error.code !== "dataset_too_small") throw error;
    }
  }

  /** Writes to the row, which goes away with its data set; then nothing is written. */
  async #write(
    { workspaceId, datasetId, version }: TrainingTask,
    { error, ...change }: ClassifierChange,
    whileStatus?: string,
  ): Promise<void> {
    const { db } = this.#options;
    await db.prismaFor(workspaceId).classifier.updateMany({
      where: { datasetId, version, ...(whileStatus === undefined ? {} : { status: whileStatus }) },
      data: { ...change, ...(error === undefined ? {} : { error: error ?? Prisma.DbNull }), updatedAt: new Date() },
    });
    if (change.status !== undefined) await db.changes.publish({ kind: "dataset", id: datasetId, workspaceId });
  }
}

interface ClassifierChange {
  status?: "queued" | "training" | "ready" | "failed";
  progress?: number;
  stage?: string | null;
  accuracy?: number;
  confusions?: { label: string; confusedWith: string; count: number }[];
  artefact?: Uint8Array<ArrayBuffer>;
  model?: string;
  error?: { code: string; message: string } | null;
}

function keyOf({ workspaceId, datasetId, version }: TrainingTask): string {
  return `${workspaceId}/${datasetId}/${version}`;
}
