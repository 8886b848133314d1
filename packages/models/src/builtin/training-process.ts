import { toErrorInfo, type ErrorInfo } from "@heddle/schema";
import { writeClassifier } from "./classifier-file.ts";
import { trainClassifier, type Example, type TrainingProgress } from "./classifier-training.ts";
import type { CrossValidation } from "./cross-validation.ts";
import { createEmbeddingQueue } from "./embedding-queue.ts";
import { FEATURE_DIMENSIONS, openMiniLmModel } from "./minilm-model.ts";

/** A process of its own that learns one classifier and ends, so that the memory it took is given back. */
export interface TrainingRequest {
  examples: Example[];
  cacheDir: string;
  threads: number;
}
export type TrainingMessage =
  | ({ type: "progress" } & TrainingProgress)
  | { type: "done"; classifier: Uint8Array; crossValidation: CrossValidation }
  | { type: "failed"; error: ErrorInfo; cause: string };

process.once("message", async (request: TrainingRequest) => {
  const send = (message: TrainingMessage): Promise<void> => new Promise((resolve) => process.send?.(message, () => resolve()));
  try {
    const model = await openMiniLmModel({ cacheDir: request.cacheDir, threads: request.threads });
    const queue = createEmbeddingQueue(model);
    const { weights, crossValidation } = await trainClassifier({
      examples: request.examples,
      threads: request.threads,
      features: async (texts, onProgress) => {
        const all = await queue.add({ texts, onProgress });
        await model.close();
        return texts.map((_, row) => all.subarray(row * FEATURE_DIMENSIONS, (row + 1) * FEATURE_DIMENSIONS));
      },
      onProgress: (progress) => void send({ type: "progress", ...progress }),
    });
    await send({ type: "done", classifier: writeClassifier(weights), crossValidation });
  } catch (error) {
    await send({ type: "failed", error: toErrorInfo(error), cause: String(error) });
  }
  process.disconnect();
});
// The one who asked is gone: nobody waits for the result.
process.once("disconnect", () => process.exit());
