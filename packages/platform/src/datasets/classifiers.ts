import { type Database, isId } from "@heddle/db";
import { createClassifier, readClassifier, type Classifier, type Embedder } from "@heddle/models/builtin";
import type { ClassifierPort } from "@heddle/node-kit";
import { ERROR_CODES, HeddleError, type ErrorCode } from "@heddle/schema";
import type { TrainingQueue } from "./training.ts";

export interface ClassifiersOptions {
  db: Database;
  embedder: Pick<Embedder, "features">;
  training: TrainingQueue;
  /** Name of the embedding model that artefacts must belong to. */
  model: string;
}

/** Classifiers in memory at once, about 9 MB each for 77 labels and 10,000 examples. */
const MAX_KEPT = 24;
/** How often a training in another process is asked about, ms. */
const POLL_EVERY_MS = 500;

/** Labels texts by what was learnt from data sets; keeps what was used last in memory. */
export class Classifiers {
  readonly #options: ClassifiersOptions;
  readonly #kept = new Map<string, Promise<Classifier>>();
  readonly #unsubscribe: () => void;

  constructor(options: ClassifiersOptions) {
    this.#options = options;
    this.#unsubscribe = options.db.changes.subscribe((event) => {
      if (event.kind === "missed") this.#kept.clear();
      else if (event.kind === "dataset") for (const key of this.#kept.keys()) if (key.endsWith(`/${event.id}`)) this.#kept.delete(key);
    });
  }

  /** The classifier port of one workspace. */
  forWorkspace(workspaceId: string): ClassifierPort {
    return {
      classify: async ({ datasetId, text, alternatives, signal }) => {
        const classifier = await withSignal(this.#get(workspaceId, datasetId), signal);
        const [features] = await this.#options.embedder.features([text], signal === undefined ? {} : { signal });
        if (!features) throw new HeddleError("unavailable", "The built-in model gave no answer. Try again in a moment.");
        return classifier.classify(features, text, alternatives);
      },
    };
  }

  close(): void {
    this.#unsubscribe();
  }

  #get(workspaceId: string, datasetId: string): Promise<Classifier> {
    const key = `${workspaceId}/${datasetId}`;
    const kept = this.#kept.get(key);
    if (kept) return kept;
    const loading = this.#load(workspaceId, datasetId);
    this.#kept.set(key, loading);
    // A failure is asked about again next time; the feed may have put a newer one in its place.
    loading.catch(() => this.#kept.get(key) === loading && this.#kept.delete(key));
    const oldest = this.#kept.size > MAX_KEPT ? this.#kept.keys().next().value : undefined;
    if (oldest !== undefined) this.#kept.delete(oldest);
    return loading;
  }

  async #load(workspaceId: string, datasetId: string): Promise<Classifier> {
    const { db, training, model } = this.#options;
    await db.changes.ready();
    const prisma = db.prismaFor(workspaceId);
    for (let isFirstLook = true; ; isFirstLook = false) {
      const dataset = isId(datasetId)
        ? await prisma.dataset.findFirst({ where: { id: datasetId }, select: { version: true, labelColumn: true } })
        : undefined;
      if (!dataset) throw gone();
      if (dataset.labelColumn === null)
        throw new HeddleError("dataset_too_small", "This data set has no labels to learn. Upload one with a column of labels.");
      const task = { workspaceId, datasetId, version: dataset.version };
      const row = await prisma.classifier.findFirst({
        where: { datasetId, version: dataset.version },
        select: { status: true, error: true, model: true },
      });
      if (row?.status === "ready" && row.model === model) return await this.#read(task);
      if (row?.status === "failed" && (!isFirstLook || !isWorthAnotherTry(row.error))) throw stored(row.error);
      const isUnderway = row?.status === "queued" || row?.status === "training";
      if (!isUnderway) await training.enqueue(task);
      await (training.settled(task) ?? new Promise((resolve) => setTimeout(resolve, POLL_EVERY_MS)));
    }
  }

  async #read({ workspaceId, datasetId, version }: { workspaceId: string; datasetId: string; version: number }): Promise<Classifier> {
    const row = await this.#options.db
      .prismaFor(workspaceId)
      .classifier.findFirst({ where: { datasetId, version }, select: { artefact: true } });
    if (!row?.artefact) throw gone();
    return createClassifier(readClassifier(row.artefact));
  }
}

/** A caller who runs an agent must not read from a 404 that the agent is gone. */
function gone(): HeddleError {
  return new HeddleError("not_configured", "The data set of this node does not exist, or no longer does.", {
    hint: "Choose another one in the node, then deploy the agent again.",
  });
}

/** Waits only as long as the run does; the loading goes on for others. */
function withSignal<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

/** What the examples lack stays so until they change; what broke may work now. */
function isWorthAnotherTry(error: unknown): boolean {
  return codeOf(error) !== "dataset_too_small";
}

function stored(error: unknown): HeddleError {
  const { message } = (error ?? {}) as { message?: unknown };
  return new HeddleError(codeOf(error), typeof message === "string" ? message : "Training stopped with an error.");
}

function codeOf(error: unknown): ErrorCode {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === "string" && code in ERROR_CODES ? (code as ErrorCode) : "training_failed";
}
