import { parentPort, workerData } from "node:worker_threads";
import { createEmbeddingQueue } from "./embedding-queue.ts";
import { openMiniLmModel } from "./minilm-model.ts";

/** The thread that runs the model, so that the server's own loop stays free. */
export type EmbeddingRequest = { type: "embed"; id: number; texts: readonly string[]; width: number } | { type: "cancel"; id: number };
export type EmbeddingAnswer =
  | { type: "done"; id: number; features: Float32Array }
  | { type: "progress"; id: number; done: number }
  | { type: "failed"; id: number; message: string };

const port = parentPort;
if (port !== null) {
  const { cacheDir } = workerData as { cacheDir: string };
  const running = new Map<number, AbortController>();
  const answer = (message: EmbeddingAnswer, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer);
  const queue = openMiniLmModel({ cacheDir }).then(createEmbeddingQueue);

  port.on("message", async (request: EmbeddingRequest) => {
    const { id } = request;
    if (request.type === "cancel") {
      running.get(id)?.abort();
      return;
    }
    const controller = new AbortController();
    running.set(id, controller);
    try {
      const features = await (
        await queue
      ).add({
        texts: request.texts,
        width: request.width,
        signal: controller.signal,
        onProgress: (done) => answer({ type: "progress", id, done }),
      });
      answer({ type: "done", id, features }, [features.buffer as ArrayBuffer]);
    } catch (error) {
      answer({ type: "failed", id, message: error instanceof Error ? error.message : String(error) });
    } finally {
      running.delete(id);
    }
  });
}
