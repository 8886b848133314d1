import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createEmbedder, embeddingOf, type Embedder } from "./embedder.ts";

let cacheDir: string;
let embedder: Embedder;

beforeAll(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), "heddle-embedder-"));
  embedder = createEmbedder({ cacheDir });
});
afterAll(async () => {
  await embedder.close();
  await rm(cacheDir, { recursive: true });
});

const cosine = (left: Float32Array | undefined, right: Float32Array | undefined): number =>
  Array.from(left ?? []).reduce((sum, value, index) => sum + value * (right?.[index] ?? 0), 0);

test("puts texts of like meaning close together, as the original model does", async () => {
  const [cat, kitten, invoice] = await embedder.embed(["cat", "kitten", "invoice"]);
  // 0.788 and 0.234 with the original 32-bit weights.
  expect(cosine(cat, kitten)).toBeCloseTo(0.78, 1);
  expect(cosine(cat, invoice)).toBeCloseTo(0.23, 1);
  expect(cosine(cat, cat)).toBeCloseTo(1, 5);
  expect(cat).toHaveLength(embedder.dimensions);
});

test("gives a text the same place alone and among others, in the order asked", async () => {
  const texts = ["Where is my card?", "a", "The transfer that I made yesterday has not arrived.", "Where is my card?", ""];
  const together = await embedder.embed(texts);
  expect(together).toHaveLength(texts.length);
  for (const [index, text] of texts.entries()) {
    const [alone] = await embedder.embed([text]);
    expect(cosine(alone, together[index])).toBeGreaterThan(0.98);
  }
});

test("gives features whose first part is the embedding", async () => {
  const [features] = await embedder.features(["Top up failed"]);
  const [embedding] = await embedder.embed(["Top up failed"]);
  expect(features).toHaveLength(5 * 384);
  expect(embeddingOf(features ?? new Float32Array())).toEqual(embedding);
});

test("reports progress and answers a short question before a long job is done", async () => {
  const seen: number[] = [];
  let isLongDone = false;
  const long = embedder
    .embed(
      Array.from({ length: 300 }, (_, index) => `${"word ".repeat(index % 50)} number ${index}`),
      { onProgress: (done) => seen.push(done) },
    )
    .then(() => (isLongDone = true));
  await embedder.embed(["short"]);
  expect(isLongDone).toBe(false);
  await long;
  expect(seen.at(-1)).toBe(300);
  expect(seen.length).toBeGreaterThan(5);
});

test("stops when told to", async () => {
  const controller = new AbortController();
  const texts = Array.from({ length: 2_000 }, (_, index) => `${"word ".repeat(40)} ${index}`);
  const job = embedder.embed(texts, { signal: controller.signal, onProgress: () => controller.abort(new Error("enough")) });
  await expect(job).rejects.toThrow("enough");
  await expect(embedder.embed(["x"], { signal: controller.signal })).rejects.toThrow("enough");
  expect(await embedder.embed([])).toEqual([]);
});

test("converts the model once and leaves no partial file behind", async () => {
  const second = createEmbedder({ cacheDir });
  await second.embed(["again"]);
  await second.close();
  expect(await readdir(cacheDir)).toEqual([expect.stringMatching(/^minilm-[0-9a-f]{12}-\d+\.onnx$/)]);
});

test("leaves memory when idle and comes back", async () => {
  const idle = createEmbedder({ cacheDir, idleMs: 1 });
  const [first] = await idle.embed(["back again"]);
  await new Promise((resolve) => setTimeout(resolve, 50));
  const [second] = await idle.embed(["back again"]);
  expect(second).toEqual(first);
  await idle.close();
});

test("says so when it can't work", async () => {
  const broken = createEmbedder({ cacheDir: "/dev/null/no-folder" });
  await expect(broken.embed(["x"])).rejects.toMatchObject({ code: "unavailable" });
  await broken.close();
  await expect(broken.embed(["x"])).rejects.toMatchObject({ code: "unavailable" });
});
