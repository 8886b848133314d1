import { expect, test } from "vitest";
import { createClassifier } from "./classifier.ts";
import { readClassifier, writeClassifier } from "./classifier-file.ts";
import { trainClassifier, type Example, type TrainingProgress } from "./classifier-training.ts";

/** Stands for the embedding model: a direction for every word of a text, summed up. */
function featuresOf(text: string): Float32Array {
  const features = new Float32Array(5 * 384);
  for (const word of text.toLowerCase().match(/\w+/g) ?? []) {
    let state = [...word].reduce((hash, character) => (Math.imul(hash, 31) + character.charCodeAt(0)) >>> 0, 7);
    for (let index = 0; index < features.length; index += 1) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      features[index]! += state / 2 ** 32 - 0.5;
    }
  }
  return features;
}
const features = async (texts: readonly string[]): Promise<Float32Array[]> => texts.map(featuresOf);

const ANIMALS = ["cat", "dog", "horse", "cow", "mouse", "goat"];
const TOOLS = ["hammer", "saw", "drill", "wrench", "file", "axe"];
const sentences = (label: string, nouns: readonly string[]): Example[] =>
  nouns.flatMap((noun, index) =>
    ["I saw a", "where is the", "buy one", "this old"].map((start) => ({
      text: `${start} ${noun} ${nouns[(index + 1) % nouns.length]}`,
      label,
    })),
  );
const EXAMPLES = [...sentences("animal", ANIMALS), ...sentences("tool", TOOLS)];

test("labels texts it has not seen, with confidence and alternatives", async () => {
  const { weights, crossValidation } = await trainClassifier({ examples: EXAMPLES, features });
  const classifier = createClassifier(weights);
  const answer = classifier.classify(featuresOf("my cat and your cow"), "my cat and your cow");
  expect(answer.label).toBe("animal");
  expect(answer.confidence).toBeGreaterThan(0.7);
  expect(answer.alternatives).toEqual([{ label: "tool", confidence: expect.closeTo(1 - answer.confidence, 5) }]);
  expect(classifier.classify(featuresOf("a saw"), "a saw", 0)).toMatchObject({ label: "tool", alternatives: [] });
  expect(crossValidation).toMatchObject({ accuracy: 1, folds: 5, confusions: [] });
  expect(crossValidation.perLabel).toEqual([
    { label: "animal", count: 24, recall: 1, precision: 1 },
    { label: "tool", count: 24, recall: 1, precision: 1 },
  ]);
});

test("learns from two labels with three examples each", async () => {
  const examples = [...sentences("animal", ["cat"]).slice(0, 3), ...sentences("tool", ["saw"]).slice(0, 3)];
  const { weights, crossValidation } = await trainClassifier({ examples, features });
  expect(createClassifier(weights).classify(featuresOf("the cat"), "the cat").label).toBe("animal");
  expect(crossValidation.folds).toBe(3);
});

test("claims nothing where there is nothing to learn", async () => {
  // Two labels dealt out by a sequence that has nothing to do with the texts.
  const examples = Array.from({ length: 120 }, (_, index) => ({
    text: `${ANIMALS[index % 6]} ${TOOLS[(index * 5) % 6]} ${index}`,
    label: (index * 7919) % 13 < 6 ? "a" : "b",
  }));
  const { weights, crossValidation } = await trainClassifier({ examples, features });
  expect(crossValidation.accuracy).toBeLessThan(0.7);
  expect(createClassifier(weights).classify(featuresOf("unheard of"), "unheard of").confidence).toBeLessThan(0.75);
});

test("does not judge an example by its own copy", async () => {
  // Labels can only be known by having seen the very text: each is repeated, and there is no other pattern.
  const examples = Array.from({ length: 60 }, (_, index) => index % 30).map((number) => ({
    text: `item ${number * 7919}`,
    label: (number * 31) % 7 < 3 ? "a" : "b",
  }));
  const { crossValidation } = await trainClassifier({ examples, features });
  expect(crossValidation.accuracy).toBeLessThan(0.75);
});

test("gives the same classifier for the same examples", async () => {
  const [first, second] = await Promise.all([
    trainClassifier({ examples: EXAMPLES, features }),
    trainClassifier({ examples: EXAMPLES, features }),
  ]);
  expect(writeClassifier(first.weights)).toEqual(writeClassifier(second.weights));
});

test("survives being written and read", async () => {
  const { weights } = await trainClassifier({ examples: EXAMPLES, features });
  const bytes = writeClassifier(weights);
  // Databases give bytes at any offset.
  const shifted = new Uint8Array(bytes.length + 3);
  shifted.set(bytes, 3);
  const original = createClassifier(weights);
  const restored = createClassifier(readClassifier(shifted.subarray(3)));
  for (const { text } of EXAMPLES) {
    const expected = original.classify(featuresOf(text), text);
    const found = restored.classify(featuresOf(text), text);
    expect(found.label).toBe(expected.label);
    expect(found.confidence).toBeCloseTo(expected.confidence, 3);
  }
  expect(() => readClassifier(new TextEncoder().encode("\u0002\u0000\u0000\u0000{}"))).toThrow("heddle-classifier");
});

test("refuses too few labels and labels with one example, and names them", async () => {
  const one = sentences("animal", ANIMALS);
  await expect(trainClassifier({ examples: one, features })).rejects.toMatchObject({ code: "dataset_too_small" });
  await expect(trainClassifier({ examples: [], features })).rejects.toMatchObject({ code: "dataset_too_small" });
  const rare = trainClassifier({ examples: [...one, { text: "saw", label: "tool" }], features });
  await expect(rare).rejects.toMatchObject({ code: "dataset_too_small", message: expect.stringContaining('"tool"') });
});

test("reports progress that only grows, and stops when told to", async () => {
  const seen: TrainingProgress[] = [];
  await trainClassifier({ examples: EXAMPLES, features, onProgress: (progress) => seen.push(progress) });
  expect(seen.map(({ progress }) => progress)).toEqual(seen.map(({ progress }) => progress).toSorted((left, right) => left - right));
  expect(seen.at(-1)?.progress).toBe(1);

  const controller = new AbortController();
  const stopped = trainClassifier({
    examples: EXAMPLES,
    features,
    signal: controller.signal,
    onProgress: ({ progress }) => progress > 0.3 && controller.abort(new Error("enough")),
  });
  await expect(stopped).rejects.toThrow("enough");
});
