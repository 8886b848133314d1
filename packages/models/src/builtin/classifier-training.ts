import { HeddleError } from "@heddle/schema";
import { denseScores, normaliseFeatures, sparseScores, type ClassifierWeights } from "./classifier.ts";
import { chooseBlend, judge, type CrossValidation, type Opinion } from "./cross-validation.ts";
import { planFolds } from "./folds.ts";
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
const WORDING_ITERATIONS = 40;
/** Weights of the word layer are held to this many, for memory: 16 MB. */
const MAX_WORD_WEIGHTS = 4_000_000;
const MAX_WORDS = 30_000;
/** Where there are many examples, words and pairs that are seen once teach nothing. */
const EXAMPLES_FOR_RARE_WORDS = 500;

/**
 * Learns to label texts from examples: two softmax regressions, over what the embedding model says about a text and
 * over its words, joined by weights that cross-validation chooses. The same examples give the same classifier.
 * @throws HeddleError dataset_too_small when there are fewer than two labels with two examples each
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
  const opinions: Opinion[] = [];
  for (let fold = 0; fold < folds.count; fold += 1) {
    report("Checking on examples held back", 0.3 + (0.5 * fold) / folds.count);
    const all = Array.from(folds.of.keys());
    const layers = await fitLayers(
      data,
      all.filter((row) => folds.of[row] !== fold),
      fit,
    );
    const toVector = vectoriser(layers.words);
    for (const row of all.filter((place) => folds.of[place] === fold)) opinions.push(opinionOn(data, row, layers, toVector));
  }
  const blend = chooseBlend(opinions);
  report("Learning from all examples", 0.8);
  const layers = await fitLayers(data, Array.from(texts.keys()), fit);
  report("Done", 1);
  return {
    weights: { ...layers, labels, blend },
    crossValidation: { ...judge(opinions, blend, labels), folds: folds.count },
  };
}

interface TrainingData {
  features: readonly Float32Array[];
  grams: readonly (readonly string[])[];
  labels: Int32Array;
  labelNames: readonly string[];
}
/** The parts of a classifier that are learnt. */
type Layers = Omit<ClassifierWeights, "labels" | "blend">;

/** Learns everything from the given rows alone, the vocabulary and the center included. */
async function fitLayers(
  data: TrainingData,
  rows: readonly number[],
  fit: { threads: number; signal: AbortSignal | undefined },
): Promise<Layers> {
  const labelCount = data.labelNames.length;
  const labels = Int32Array.from(rows, (row) => data.labels[row]!);
  const common = { labels, labelCount, penalty: PENALTY / rows.length, signal: fit.signal };

  const center = meanOf(data.features, rows);
  const dimensions = center.length;
  const dense = new Float32Array(rows.length * dimensions);
  for (const [index, row] of rows.entries()) dense.set(normaliseFeatures(data.features[row]!, center), index * dimensions);
  const meaning = await trainDense(dense, { ...common, dimensions, threads: fit.threads, iterations: MEANING_ITERATIONS });

  const words = fitWordFeatures(
    rows.map((row) => data.grams[row]!),
    { minTexts: rows.length < EXAMPLES_FOR_RARE_WORDS ? 1 : 2, limit: Math.min(MAX_WORDS, Math.floor(MAX_WORD_WEIGHTS / labelCount)) },
  );
  const toVector = vectoriser(words);
  const wording = await trainSparse(
    rows.map((row) => toVector(data.grams[row]!)),
    { ...common, dimensions: words.vocabulary.length, iterations: WORDING_ITERATIONS },
  );
  return { center, meaning, words, wording };
}

function opinionOn(data: TrainingData, row: number, layers: Layers, toVector: ReturnType<typeof vectoriser>): Opinion {
  return {
    label: data.labels[row]!,
    byMeaning: denseScores(layers.meaning, normaliseFeatures(data.features[row]!, layers.center)),
    byWords: sparseScores(layers.wording, toVector(data.grams[row]!)),
  };
}

function meanOf(features: readonly Float32Array[], rows: readonly number[]): Float32Array {
  const sums = new Float64Array(features[0]?.length ?? 0);
  for (const row of rows) for (const [index, value] of features[row]!.entries()) sums[index]! += value;
  return Float32Array.from(sums, (sum) => sum / rows.length);
}

function checkedLabels(examples: readonly Example[]): string[] {
  const counts = new Map<string, number>();
  for (const { label } of examples) counts.set(label, (counts.get(label) ?? 0) + 1);
  const labels = [...counts.keys()].sort();
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
  return labels;
}
