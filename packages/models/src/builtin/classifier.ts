import type { Classification } from "@heddle/node-kit";
import { VIEW_DIMENSIONS } from "./minilm-graph.ts";
import { neighbourVote, type Neighbours } from "./neighbours.ts";
import { joinOpinions, logSoftmax, type Blend, type Opinion } from "./opinion.ts";
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
   * Labels a text in well under a millisecond.
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
      const order = [...probabilities.keys()].toSorted((left, right) => probabilities[right]! - probabilities[left]!);
      const named = order.slice(0, alternatives + 1).map((label) => ({ label: labels[label]!, confidence: probabilities[label]! }));
      return { ...named[0]!, alternatives: named.slice(1) };
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
  const rows = byLabel(meaning);
  const vote = neighbourVote(neighbours, meaning.bias.length);
  return (features, grams) => {
    const row = normaliseFeatures(features, center);
    const byMeaning = logSoftmax(meaning.bias.map((bias, label) => bias + dot(rows[label]!, row)));
    const byWords = Float32Array.from(wording.bias);
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

/** The weights with those of each label in a row, for which scoring takes half the time. */
function byLabel({ weights, bias }: LinearLayer): Float32Array[] {
  const dimensions = weights.length / bias.length;
  return Array.from(bias, (_, label) => Float32Array.from({ length: dimensions }, (__, index) => weights[index * bias.length + label]!));
}

function dot(left: Float32Array, right: Float32Array): number {
  let first = 0;
  let second = 0;
  let third = 0;
  let fourth = 0;
  for (let index = 0; index < left.length; index += 4) {
    first += left[index]! * right[index]!;
    second += left[index + 1]! * right[index + 1]!;
    third += left[index + 2]! * right[index + 2]!;
    fourth += left[index + 3]! * right[index + 3]!;
  }
  return first + second + third + fourth;
}
