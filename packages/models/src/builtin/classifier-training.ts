import { HeddleError } from "@heddle/schema";
import { normaliseFeatures, opinionGiver, type ClassifierWeights, type LearntParts } from "./classifier.ts";
import { chooseBlend, judge, type CrossValidation, type Verdict } from "./cross-validation.ts";
import { planFolds } from "./folds.ts";
import { keepNeighbours } from "./neighbours.ts";
import { trainDense, trainSparse } from "./softmax-regression.ts";
import { fitWordFeatures, vectoriser, wordGrams } from "./word-features.ts";

export interface Example {
  text: string;
  label: string;
}

export interface TrainingProgress {
  /** For people. */
  stage: string;
  /** 0…1 over the whole training */
  progress: number;
}

export interface TrainingOptions {
  examples: readonly Example[];
  /** Gives the features of texts, as `Embedder.features` does. */
  features: (texts: readonly string[], onProgress: (done: number) => void) => Promise<Float32Array[]>;
  /** Threads for the matrix products; 1 by default. */
  threads?: number;
  onProgress?: (progress: TrainingProgress) => void;
  signal?: AbortSignal;
}

export interface TrainedClassifier {
  weights: ClassifierWeights;
  crossValidation: CrossValidation;
}

/** Weight of the penalty for one example; it is shared out over all, as the loss is a mean. Chosen by cross-validation. */
const PENALTY = 2;
const MEANING_ITERATIONS = 60;
const WORDING_ITERATIONS = 16;
/** Weights of the word layer are held to this many, for memory: 16 MB. */
const MAX_WORD_WEIGHTS = 4_000_000;
const MAX_WORDS = 30_000;
/** For memory, and because more are nearly always a wrong column. */
const MAX_LABELS = 1_000;
const ROWS_AT_A_TIME = 50;

/**
 * Learns to label texts from examples: a softmax regression over what the embedding model says about a text, another
 * over its words, and the votes of the nearest examples, joined by
 * weights that cross-validation chooses. The same examples give the same classifier.
 * @throws HeddleError dataset_too_small when there are fewer than two labels with two examples each, unprocessable when
 * there are more than 1,000 labels
 */
export async function trainClassifier(options: TrainingOptions): Promise<TrainedClassifier> {
  const { examples, onProgress, signal } = options;
  const labels = checkedLabels(examples);
  const report = (stage: string, progress: number): void => onProgress?.({ stage, progress });

  report("Reading the examples", 0);
  const texts = examples.map((example) => example.text);
  const features = await options.features(texts, (done) => report("Reading the examples", (0.3 * done) / texts.length));
  signal?.throwIfAborted();
  const labelNumber = new Map(labels.map((label, index) => [label, index]));
  const data: TrainingData = {
    features,
    grams: texts.map(wordGrams),
    labels: Int32Array.from(examples, (example) => labelNumber.get(example.label) ?? 0),
    labelNames: labels,
  };
  const fit = { threads: options.threads ?? 1, signal };

  const folds = planFolds(texts, data.labels);
  const verdicts: Verdict[] = [];
  for (let fold = 0; fold < folds.count; fold += 1) {
    report("Checking on examples held back", 0.3 + (0.5 * fold) / folds.count);
    const all = Array.from(folds.of.keys());
    const opine = opinionGiver(
      await learnParts(
        data,
        all.filter((row) => folds.of[row] !== fold),
        fit,
      ),
    );
    for (const row of all.filter((place) => folds.of[place] === fold)) {
      verdicts.push({ label: data.labels[row]!, opinion: opine(data.features[row]!, data.grams[row]!) });
      if (row % ROWS_AT_A_TIME === 0) await breath(signal);
    }
  }
  const blend = chooseBlend(verdicts);
  report("Learning from all examples", 0.8);
  const parts = await learnParts(data, Array.from(texts.keys()), fit);
  report("Done", 1);
  return {
    weights: { ...parts, labels, blend },
    crossValidation: { ...judge(verdicts, blend, labels), folds: folds.count },
  };
}

interface TrainingData {
  features: readonly Float32Array[];
  grams: readonly (readonly string[])[];
  labels: Int32Array;
  labelNames: readonly string[];
}

/** Learns everything from the given rows alone, the vocabulary and the center included. */
async function learnParts(
  data: TrainingData,
  rows: readonly number[],
  fit: { threads: number; signal: AbortSignal | undefined },
): Promise<LearntParts> {
  const labelCount = data.labelNames.length;
  const labels = Int32Array.from(rows, (row) => data.labels[row]!);
  const common = { labels, labelCount, penalty: PENALTY / rows.length, signal: fit.signal };

  const center = meanOf(data.features, rows);
  const dimensions = center.length;
  const normalised = rows.map((row) => normaliseFeatures(data.features[row]!, center));
  const dense = new Float32Array(rows.length * dimensions);
  for (const [index, row] of normalised.entries()) dense.set(row, index * dimensions);
  const meaning = await trainDense(dense, { ...common, dimensions, threads: fit.threads, iterations: MEANING_ITERATIONS });

  const words = fitWordFeatures(
    rows.map((row) => data.grams[row]!),
    { minTexts: textsForWord(rows.length), limit: Math.min(MAX_WORDS, Math.floor(MAX_WORD_WEIGHTS / labelCount)) },
  );
  const toVector = vectoriser(words);
  const wording = await trainSparse(
    rows.map((row) => toVector(data.grams[row]!)),
    { ...common, dimensions: words.vocabulary.length, iterations: WORDING_ITERATIONS },
  );
  return { center, meaning, words, wording, neighbours: keepNeighbours(normalised, labels) };
}

/** In how many texts a word or a pair must be to be learnt: where there are many examples, what is rarer teaches nothing. */
function textsForWord(examples: number): number {
  if (examples < 500) return 1;
  return examples < 2_000 ? 2 : 3;
}

/** Lets other work of the process in, an abort among it. */
async function breath(signal: AbortSignal | undefined): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  signal?.throwIfAborted();
}

function meanOf(features: readonly Float32Array[], rows: readonly number[]): Float32Array {
  const sums = new Float64Array(features[0]?.length ?? 0);
  for (const row of rows) for (const [index, value] of features[row]!.entries()) sums[index]! += value;
  return Float32Array.from(sums, (sum) => sum / rows.length);
}

function checkedLabels(examples: readonly Example[]): string[] {
  const counts = new Map<string, number>();
  for (const { label } of examples) counts.set(label, (counts.get(label) ?? 0) + 1);
  const labels = [...counts.keys()].toSorted();
  const rare = labels.filter((label) => counts.get(label) === 1);
  if (labels.length < 2 || rare.length > 0) {
    const message =
      labels.length < 2
        ? `A classifier chooses between at least two labels; the examples have ${labels.length}.`
        : `Every label needs at least two examples; ${rare.length} ${rare.length === 1 ? "has" : "have"} only one, such as "${rare[0]}".`;
    throw new HeddleError("dataset_too_small", message, {
      hint: "Add examples, or take the label out. About ten examples a label give good results.",
      details: { labels: labels.length, tooFew: rare.slice(0, 20) },
    });
  }
  if (labels.length > MAX_LABELS) {
    throw new HeddleError(
      "unprocessable",
      `The examples have ${labels.length} labels; a classifier can tell ${MAX_LABELS} apart at most.`,
      {
        hint: "Check that the right column was taken for the labels.",
      },
    );
  }
  return labels;
}
