import type { Classification } from "@heddle/node-kit";
import { VIEW_DIMENSIONS } from "./minilm-graph.ts";
import { addSparseScores, softmax, type LinearLayer } from "./softmax-regression.ts";
import { vectoriser, wordGrams, type WordFeatures } from "./word-features.ts";

/** What training leaves behind: all that is needed to label a text. */
export interface ClassifierWeights {
  labels: string[];
  /** Mean of the examples' features; it says what all of them have in common, and is taken off. */
  center: Float32Array;
  /** Layer over the features of the embedding model. */
  meaning: LinearLayer;
  words: WordFeatures;
  /** Layer over the words. */
  wording: LinearLayer;
  blend: Blend;
}

/** How the opinions are joined: chosen on examples that the layers had not seen. */
export interface Blend {
  /** Say of the words, where the meaning has 1. */
  wording: number;
  /** Factor on the joined scores that makes the confidence true; above 1 is more confident. */
  sharpness: number;
}

/** Labels texts, by what they mean and by the words they use. */
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
export const FEATURE_LENGTH = 10;

export function createClassifier(weights: ClassifierWeights): Classifier {
  const { labels, center, meaning, words, wording, blend } = weights;
  const toVector = vectoriser(words);
  return {
    labels,
    classify(features, text, alternatives = 3) {
      const byMeaning = denseScores(meaning, normaliseFeatures(features, center));
      const byWords = sparseScores(wording, toVector(wordGrams(text)));
      const scores = joinScores(byMeaning, byWords, blend);
      const order = Array.from(scores.keys()).sort((left, right) => scores[right]! - scores[left]!);
      const named = order.slice(0, alternatives + 1).map((label) => ({ label: labels[label]!, confidence: scores[label]! }));
      return { ...named[0]!, alternatives: named.slice(1) };
    },
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

export function denseScores({ weights, bias }: LinearLayer, row: Float32Array): Float32Array {
  const scores = Float32Array.from(bias);
  const labelCount = scores.length;
  for (let index = 0; index < row.length; index += 1) {
    const value = row[index]!;
    const from = index * labelCount;
    for (let label = 0; label < labelCount; label += 1) scores[label]! += value * weights[from + label]!;
  }
  return scores;
}

export function sparseScores({ weights, bias }: LinearLayer, row: { places: Uint32Array; weights: Float32Array }): Float32Array {
  const scores = Float32Array.from(bias);
  addSparseScores(scores, row, weights);
  return scores;
}

/** Joins two opinions into probabilities. */
export function joinScores(byMeaning: Float32Array, byWords: Float32Array, { wording, sharpness }: Blend): Float32Array {
  const meaningLog = logSum(byMeaning);
  const wordsLog = logSum(byWords);
  const joined = byMeaning.map((score, label) => sharpness * (score - meaningLog + wording * (byWords[label]! - wordsLog)));
  softmax(joined);
  return joined;
}

function logSum(scores: Float32Array): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (const score of scores) largest = Math.max(largest, score);
  let sum = 0;
  for (const score of scores) sum += Math.exp(score - largest);
  return largest + Math.log(sum);
}
