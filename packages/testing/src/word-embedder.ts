import { createHash } from "node:crypto";
import { embeddingOf, trainClassifier, writeClassifier, type Embedder } from "@heddle/models/builtin";
import type { Train } from "@heddle/platform/datasets/training";

const DIMENSIONS = 384;

/** An embedder that knows words but not their meaning: texts with the same words lie close. Loads no model. */
export function createWordEmbedder(): Embedder {
  const features = async (texts: readonly string[]) => texts.map(featuresOf);
  return { dimensions: DIMENSIONS, features, embed: async (texts) => (await features(texts)).map(embeddingOf), close: async () => {} };
}

/** Real training over {@link createWordEmbedder}, in this process. */
export const trainOnWords: Train = async ({ examples, onProgress, signal }) => {
  const { weights, crossValidation } = await trainClassifier({
    examples,
    onProgress,
    signal,
    features: (texts) => createWordEmbedder().features(texts),
  });
  return { classifier: writeClassifier(weights), crossValidation };
};

function featuresOf(text: string): Float32Array {
  const vector = new Float32Array(DIMENSIONS);
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) {
    const digest = createHash("sha256").update(word).digest();
    for (let index = 0; index < 8; index++) vector[digest.readUInt16LE(index * 2) % DIMENSIONS]! += 1;
  }
  return vector;
}
