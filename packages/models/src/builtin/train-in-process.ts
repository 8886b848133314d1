import { fork } from "node:child_process";
import { constants, setPriority } from "node:os";
import { fileURLToPath } from "node:url";
import { HeddleError } from "@heddle/schema";
import type { Example, TrainingProgress } from "./classifier-training.ts";
import type { CrossValidation } from "./cross-validation.ts";
import type { TrainingMessage, TrainingRequest } from "./training-process.ts";

export interface TrainInProcessOptions {
  examples: readonly Example[];
  /** The embedder's folder. */
  cacheDir: string;
  /** For the matrix products; 1 by default, as two wait for each other when the machine has other work, and take twice the time. */
  threads?: number;
  onProgress?: (progress: TrainingProgress) => void;
  /** Ends the process; the promise rejects with the signal's reason. */
  signal?: AbortSignal;
}

export interface TrainingResult {
  /** For `readClassifier`. */
  classifier: Uint8Array;
  crossValidation: CrossValidation;
}

/**
 * Learns a classifier in a process of its own, at low priority, so that the server goes on answering.
 * 10,000 examples of 77 labels take about 50 s of one core.
 * @throws HeddleError dataset_too_small, unprocessable, training_failed
 */
export function trainInProcess({ examples, cacheDir, threads = 1, onProgress, signal }: TrainInProcessOptions): Promise<TrainingResult> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const child = fork(fileURLToPath(new URL("./training-process.ts", import.meta.url)), {
      serialization: "advanced",
      // Nothing of the server's secrets; what it prints is of no use to anyone.
      env: { PATH: process.env["PATH"], NODE_ENV: "production" },
      execArgv: [],
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
    let complaint = "";
    child.stderr?.on("data", (text: Buffer) => {
      complaint = (complaint + text.toString()).slice(-2_000);
    });
    const onAbort = (): void => {
      child.kill("SIGKILL");
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    const failed = (cause: unknown): void => {
      reject(new HeddleError("training_failed", "The classifier could not be trained. The server's log has the details.", { cause }));
    };
    child.on("error", failed);
    child.on("exit", (code, killedBy) => {
      signal?.removeEventListener("abort", onAbort);
      failed(`the training process ended (${killedBy ?? code}): ${complaint}`);
    });
    child.on("message", (message: TrainingMessage) => {
      if (message.type === "progress") onProgress?.({ stage: message.stage, progress: message.progress });
      else if (message.type === "done") resolve({ classifier: message.classifier, crossValidation: message.crossValidation });
      else if (message.error.code === "dataset_too_small")
        reject(new HeddleError("dataset_too_small", message.error.message, message.error));
    });
    const request: TrainingRequest = { examples: [...examples], cacheDir, threads };
    child.send(request);
  });
}
