import { Worker } from "node:worker_threads";
import { HeddleError } from "@heddle/schema";
import type { EmbeddingAnswer, EmbeddingRequest } from "./embedding-worker.ts";
import { VIEW_DIMENSIONS } from "./minilm-graph.ts";
import { FEATURE_DIMENSIONS } from "./minilm-model.ts";

export interface EmbedOptions {
  signal?: AbortSignal;
  /** Called now and then with the number of texts done so far. */
  onProgress?: (done: number, total: number) => void;
}

/** The built-in embedding model: all-MiniLM-L6-v2, in this process, with no key and no network. */
export interface Embedder {
  /** Length of an embedding: 384. */
  readonly dimensions: number;
  /** An embedding of unit length for each text; of a text, about the first 250 tokens count. */
  embed(texts: readonly string[], options?: EmbedOptions): Promise<Float32Array[]>;
  /** All that the model tells about each text, for classifiers: several vectors of 384, the embedding (not of unit length) first. */
  features(texts: readonly string[], options?: EmbedOptions): Promise<Float32Array[]>;
  close(): Promise<void>;
}

export interface EmbedderOptions {
  /** Folder for the converted model (35 MB), made when absent. */
  cacheDir: string;
  /** After this many ms without work the model leaves memory; the next text loads it again (about 0.3 s). Never by default. */
  idleMs?: number;
}

interface Waiting {
  width: number;
  total: number;
  resolve: (features: Float32Array[]) => void;
  reject: (reason: unknown) => void;
  options: EmbedOptions;
  onAbort: () => void;
}

/**
 * Creates an embedder. Nothing is loaded before the first text; the model then lives in a thread of its own.
 * Its methods throw HeddleError `unavailable` when the model can't be loaded or the embedder was closed.
 */
export function createEmbedder({ cacheDir, idleMs }: EmbedderOptions): Embedder {
  const waiting = new Map<number, Waiting>();
  let worker: Worker | undefined;
  let idleTimer: NodeJS.Timeout | undefined;
  let lastId = 0;
  let isClosed = false;

  const stop = async (): Promise<void> => {
    const stopped = worker;
    worker = undefined;
    await stopped?.terminate();
  };
  const settle = (id: number): Waiting | undefined => {
    const entry = waiting.get(id);
    waiting.delete(id);
    entry?.options.signal?.removeEventListener("abort", entry.onAbort);
    if (waiting.size === 0) {
      // An idle model must not keep the process alive.
      worker?.unref();
      if (idleMs !== undefined) idleTimer = setTimeout(() => void stop(), idleMs).unref();
    }
    return entry;
  };
  const receive = (answer: EmbeddingAnswer): void => {
    if (answer.type === "progress") {
      const entry = waiting.get(answer.id);
      entry?.options.onProgress?.(answer.done, entry.total);
    } else if (answer.type === "failed") settle(answer.id)?.reject(unavailable(answer.message));
    else {
      const entry = settle(answer.id);
      entry?.resolve(rows(answer.features, entry.width));
    }
  };
  const start = (): Worker => {
    const started = new Worker(new URL("./embedding-worker.ts", import.meta.url), { workerData: { cacheDir } });
    const fail = (error: unknown): void => {
      if (worker !== started) return;
      worker = undefined;
      for (const id of waiting.keys()) settle(id)?.reject(unavailable(error instanceof Error ? error.message : String(error)));
    };
    started.on("message", receive);
    started.on("error", fail);
    started.on("exit", (code) => fail(`its thread ended (${code})`));
    return started;
  };

  const ask = (texts: readonly string[], width: number, options: EmbedOptions = {}): Promise<Float32Array[]> =>
    new Promise((resolve, reject) => {
      if (isClosed) throw unavailable("it was closed");
      options.signal?.throwIfAborted();
      if (texts.length === 0) return resolve([]);
      clearTimeout(idleTimer);
      lastId += 1;
      const id = lastId;
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker of Node, not a window
      const post = (request: EmbeddingRequest): void => worker?.postMessage(request);
      const onAbort = (): void => {
        post({ type: "cancel", id });
        settle(id)?.reject(options.signal?.reason);
      };
      worker ??= start();
      worker.ref();
      waiting.set(id, { width, total: texts.length, resolve, reject, options, onAbort });
      options.signal?.addEventListener("abort", onAbort, { once: true });
      post({ type: "embed", id, texts, width });
    });

  return {
    dimensions: VIEW_DIMENSIONS,
    features: (texts, options) => ask(texts, FEATURE_DIMENSIONS, options),
    embed: async (texts, options) => (await ask(texts, VIEW_DIMENSIONS, options)).map(embeddingOf),
    async close() {
      isClosed = true;
      clearTimeout(idleTimer);
      for (const id of waiting.keys()) settle(id)?.reject(unavailable("it was closed"));
      await stop();
    },
  };
}

/** The sentence embedding of unit length that a text's features begin with. */
export function embeddingOf(features: Float32Array): Float32Array {
  const embedding = features.slice(0, VIEW_DIMENSIONS);
  let squares = 0;
  for (const value of embedding) squares += value * value;
  const scale = 1 / Math.sqrt(squares || 1);
  for (let index = 0; index < embedding.length; index += 1) embedding[index] = (embedding[index] ?? 0) * scale;
  return embedding;
}

function rows(all: Float32Array, width: number): Float32Array[] {
  return Array.from({ length: all.length / width }, (_, row) => all.subarray(row * width, (row + 1) * width));
}

function unavailable(reason: string): HeddleError {
  return new HeddleError("unavailable", `The built-in model could not be used: ${reason}.`);
}
