import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createClassifier } from "./classifier.ts";
import { readClassifier } from "./classifier-file.ts";
import { createEmbedder } from "./embedder.ts";
import { trainInProcess } from "./train-in-process.ts";

const EXAMPLES = [
  ["Where is my new card?", "delivery"],
  ["The parcel has not come yet", "delivery"],
  ["How long until it arrives in the post?", "delivery"],
  ["I was charged twice", "payment"],
  ["There is a fee I don't know on my bill", "payment"],
  ["Please give me my money back", "payment"],
].map(([text = "", label = ""]) => ({ text, label }));

let cacheDir: string;
beforeAll(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), "heddle-training-"));
});
afterAll(() => rm(cacheDir, { recursive: true }));

test("learns by meaning from three examples a label", async () => {
  const stages = new Set<string>();
  const { classifier, crossValidation } = await trainInProcess({
    examples: EXAMPLES,
    cacheDir,
    onProgress: ({ stage }) => stages.add(stage),
  });
  expect(stages.size).toBeGreaterThan(2);
  expect(crossValidation.folds).toBe(3);
  const embedder = createEmbedder({ cacheDir });
  const { classify } = createClassifier(readClassifier(classifier));
  for (const [text, label] of [
    ["my package got lost on its way", "delivery"],
    ["I want a refund", "payment"],
  ] as const) {
    const [features = new Float32Array()] = await embedder.features([text]);
    expect(classify(features, text).label).toBe(label);
  }
  await embedder.close();
});

test("passes on what is wrong with the examples", async () => {
  await expect(trainInProcess({ examples: EXAMPLES.slice(0, 3), cacheDir })).rejects.toMatchObject({
    code: "dataset_too_small",
    details: { labels: 1 },
  });
});

test("fails with a code when the model can't be loaded", async () => {
  await expect(trainInProcess({ examples: EXAMPLES, cacheDir: "/dev/null/no-folder" })).rejects.toMatchObject({ code: "training_failed" });
});

test("ends at once when told to", async () => {
  const controller = new AbortController();
  const training = trainInProcess({
    examples: EXAMPLES,
    cacheDir,
    signal: controller.signal,
    onProgress: () => controller.abort(new Error("enough")),
  });
  await expect(training).rejects.toThrow("enough");
});
