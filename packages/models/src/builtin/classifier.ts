import type { Classification } from "@heddle/node-kit";
import { highest } from "./highest.ts";
import { VIEW_DIMENSIONS } from "./minilm-graph.ts";
import { neighbourVote, type Neighbours } from "./neighbours.ts";
import { joinOpinions, logSoftmax, type Blend, type Opinion } from "./opinion.ts";
import { createFloatRows, type RowProducts } from "./row-products.ts";
import { addSparseScores, type LinearLayer } from "./softmax-regression.ts";
import { vectoriser, type WordFeatures, wordGrams } from "./word-features.ts";

/** The parts of a classifier that are learnt from examples. */
export interface LearntParts {
  /** Mean of the examples' features; it says what all of them have in common, and is taken off. */
  center: Float32Array;
  /** Layer over the features of the embedding model. */
  meaning: LinearLayer;
  words: WordFeatures;
  /** Layer over the words. */
  wording: LinearLayer;
  neighbours: Neighbours;
}

/** What training leaves behind: all that is needed to label a text. */
export interface ClassifierWeights extends LearntParts {
  labels: string[];
  blend: Blend;
}

/** Labels texts, by what they mean, the words they use, and the examples they are like. */
export interface Classifier {
  readonly labels: readonly string[];
  /**
   * Labels a text: 0.1 ms for 77 labels and 10,000 examples, 0.2 ms when other work has had the processor's caches in between.
   * @param features of the text, from `Embedder.features`
   * @param alternatives how many of the next best labels to name; 3 by default
   */
  classify(features: Float32Array, text: string, alternatives?: number): Classification;
}

/** Features are stretched to this length before a layer sees them, which suits the penalty on its weights. */
const FEATURE_LENGTH = 10;

export function createClassifier(weights: ClassifierWeights): Classifier {
  const { labels, blend } = weights;
  const opine = opinionGiver(weights);
  return {
    labels,
    classify(features, text, alternatives = 3) {
      const probabilities = joinOpinions(opine(features, wordGrams(text)), blend);
      const [best, ...others] = highest(probabilities, alternatives + 1).map((label) => ({
        label: labels[label]!,
        confidence: probabilities[label]!,
      }));
      return { ...best!, alternatives: others };
    },
  };
}

/** Returns the function that looks at a text, given as its features and n-grams, in all three ways. */
export function opinionGiver({
  center,
  meaning,
  words,
  wording,
  neighbours,
}: LearntParts): (features: Float32Array, grams: readonly string[]) => Opinion {
  const toVector = vectoriser(words);
  const { bias } = meaning;
  const rows = byLabel(meaning);
  const vote = neighbourVote(neighbours, bias.length);
  return (features, grams) => {
    const row = normaliseFeatures(features, center);
    const byMeaning = rows.products(row, 0, bias.length);
    for (let label = 0; label < bias.length; label += 1) byMeaning[label]! += bias[label]!;
    logSoftmax(byMeaning);
    const byWords = wording.bias.slice();
    addSparseScores(byWords, toVector(grams), wording.weights);
    return { byMeaning, byWords: logSoftmax(byWords), byNeighbours: vote(row, byMeaning) };
  };
}

/** Takes off the center and gives every view the same length, `FEATURE_LENGTH` in all. */
export function normaliseFeatures(features: Float32Array, center: Float32Array): Float32Array {
  const result = new Float32Array(features.length);
  const viewLength = FEATURE_LENGTH / Math.sqrt(features.length / VIEW_DIMENSIONS);
  for (let from = 0; from < features.length; from += VIEW_DIMENSIONS) {
    let squares = 0;
    for (let index = from; index < from + VIEW_DIMENSIONS; index += 1) {
      const value = features[index]! - center[index]!;
      result[index] = value;
      squares += value * value;
    }
    const scale = viewLength / Math.sqrt(squares || 1);
    for (let index = from; index < from + VIEW_DIMENSIONS; index += 1) result[index]! *= scale;
  }
  return result;
}

/** The weights, with those of each label in a row. */
function byLabel({ weights, bias }: LinearLayer): RowProducts<Float32Array, Float32Array> {
  const row = new Float32Array(weights.length / bias.length);
  const rows = createFloatRows(row.length);
  for (let label = 0; label < bias.length; label += 1) {
    for (let index = 0; index < row.length; index += 1) row[index] = weights[index * bias.length + label]!;
    rows.set(label, row);
  }
  return rows;
}
