import { FEATURE_DIMENSIONS, type MiniLmModel } from "./minilm-model.ts";

/** Tokens in one run of the model: enough to use it well, few enough that a short question waits 30 ms at most. */
const TOKENS_PER_RUN = 256;

export interface EmbeddingJob {
  texts: readonly string[];
  /** Values wanted of each text's features, from the first; all by default. */
  width?: number;
  /** Called after each run with the number of texts done so far. */
  onProgress?: (done: number) => void;
  signal?: AbortSignal;
}

/** Runs a model over the texts of several callers. */
export interface EmbeddingQueue {
  /** `width` values for each text, in the order of the texts. Rejects with the signal's reason when aborted. */
  add(job: EmbeddingJob): Promise<Float32Array>;
}

interface PendingJob extends EmbeddingJob {
  width: number;
  runs: { rows: number[][]; places: number[] }[];
  features: Float32Array;
  done: number;
  resolve: (features: Float32Array) => void;
  reject: (reason: unknown) => void;
}

/**
 * Splits each job into runs of texts with the same number of tokens, which need no padding, and takes the next run from
 * the job with the least left to do, so that a question does not wait behind a document.
 */
export function createEmbeddingQueue(model: MiniLmModel): EmbeddingQueue {
  const pending = new Set<PendingJob>();
  let isRunning = false;

  const work = async (): Promise<void> => {
    isRunning = true;
    while (pending.size > 0) {
      const job = [...pending].reduce((least, other) => (other.runs.length < least.runs.length ? other : least));
      await advance(job).catch((error: unknown) => {
        pending.delete(job);
        job.reject(error);
      });
      // Lets messages in between two runs.
      await new Promise((resolve) => setImmediate(resolve));
    }
    isRunning = false;
  };

  const advance = async (job: PendingJob): Promise<void> => {
    job.signal?.throwIfAborted();
    const run = job.runs.pop();
    if (run !== undefined) {
      const features = await model.run(run.rows);
      for (const [index, place] of run.places.entries()) {
        const from = index * FEATURE_DIMENSIONS;
        job.features.set(features.subarray(from, from + job.width), place * job.width);
      }
      job.done += run.places.length;
      job.onProgress?.(job.done);
    }
    if (job.runs.length === 0) {
      pending.delete(job);
      job.resolve(job.features);
    }
  };

  return {
    add: (job) =>
      new Promise((resolve, reject) => {
        const { texts, width = FEATURE_DIMENSIONS } = job;
        const runs = planRuns(texts.map((text) => model.encode(text)));
        pending.add({ ...job, width, runs, features: new Float32Array(texts.length * width), done: 0, resolve, reject });
        if (!isRunning) void work();
      }),
  };
}

function planRuns(rows: number[][]): PendingJob["runs"] {
  const byLength = Map.groupBy(rows.keys(), (place) => rows[place]?.length ?? 0);
  const runs: PendingJob["runs"] = [];
  for (const [length, places] of byLength) {
    const size = Math.max(1, Math.floor(TOKENS_PER_RUN / length));
    for (let from = 0; from < places.length; from += size) {
      const part = places.slice(from, from + size);
      runs.push({ places: part, rows: part.map((place) => rows[place] ?? []) });
    }
  }
  return runs;
}
