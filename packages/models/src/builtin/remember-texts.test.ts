import { expect, test } from "vitest";
import { type Embedder, embeddingOf } from "./embedder.ts";
import { rememberTexts } from "./remember-texts.ts";

function counting(fails = 0) {
  const asked: string[][] = [];
  let failures = fails;
  const features = async (texts: readonly string[]): Promise<Float32Array[]> => {
    asked.push([...texts]);
    if (failures-- > 0) throw new Error("no");
    return texts.map((text) => new Float32Array([text.length, 1, 2]));
  };
  const embedder: Embedder = {
    dimensions: 3,
    features,
    embed: async (texts) => (await features(texts)).map(embeddingOf),
    close: async () => undefined,
  };
  return { asked, embedder };
}

test("a text that is classified and then searched for is embedded once", async () => {
  const { asked, embedder } = counting();
  const remembering = rememberTexts(embedder);
  const [[features], [embedding]] = await Promise.all([
    remembering.features(["where is my card"]),
    remembering.embed(["where is my card"]),
  ]);
  expect(asked).toEqual([["where is my card"]]);
  expect(embedding).toEqual(embeddingOf(features ?? new Float32Array()));
});

test("the oldest text is forgotten first, counting from its last use", async () => {
  const { asked, embedder } = counting();
  const remembering = rememberTexts(embedder, 2);
  for (const text of ["a", "b", "a", "c", "a", "b"]) await remembering.features([text]);
  expect(asked.flat()).toEqual(["a", "b", "c", "b"]);
});

test("a failure is not remembered", async () => {
  const { asked, embedder } = counting(1);
  const remembering = rememberTexts(embedder);
  await expect(remembering.features(["a"])).rejects.toThrow("no");
  await expect(remembering.features(["a"])).resolves.toHaveLength(1);
  expect(asked).toHaveLength(2);
});

test("batches go past the memory", async () => {
  const { asked, embedder } = counting();
  const remembering = rememberTexts(embedder);
  await remembering.embed(["a", "b"]);
  await remembering.features(["a"]);
  expect(asked).toEqual([["a", "b"], ["a"]]);
});
