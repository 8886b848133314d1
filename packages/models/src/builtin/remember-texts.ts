import { type Embedder, embeddingOf } from "./embedder.ts";

/** A text's features take 7.5 KB: 1,024 of them 8 MB. */
const CAPACITY = 1_024;

/**
 * An embedder that remembers the latest single texts, so that an agent which classifies a message and then searches with it
 * pays for the model once. What it remembers is a function of the text alone, so texts of one workspace tell another nothing.
 */
export function rememberTexts(embedder: Embedder, capacity = CAPACITY): Embedder {
  const latest = new Map<string, Promise<Float32Array>>();
  const featuresOf = (text: string): Promise<Float32Array> => {
    const known = latest.get(text);
    latest.delete(text);
    const features = known ?? first(embedder.features([text]));
    latest.set(text, features);
    if (known === undefined) features.catch(() => latest.get(text) === features && latest.delete(text));
    const oldest = latest.size > capacity ? latest.keys().next().value : undefined;
    if (oldest !== undefined) latest.delete(oldest);
    return features;
  };
  const single = (texts: readonly string[]): string | undefined => (texts.length === 1 ? texts[0] : undefined);
  return {
    dimensions: embedder.dimensions,
    async features(texts, options) {
      const text = single(texts);
      if (text === undefined) return embedder.features(texts, options);
      options?.signal?.throwIfAborted();
      return [await featuresOf(text)];
    },
    async embed(texts, options) {
      const text = single(texts);
      if (text === undefined) return embedder.embed(texts, options);
      options?.signal?.throwIfAborted();
      return [embeddingOf(await featuresOf(text))];
    },
    close: () => embedder.close(),
  };
}

async function first(features: Promise<Float32Array[]>): Promise<Float32Array> {
  const [only] = await features;
  if (!only) throw new Error("The embedder gave no answer for a text.");
  return only;
}
