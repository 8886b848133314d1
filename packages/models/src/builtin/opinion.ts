/** What three ways of looking at a text say about it: the logarithm of each label's probability. */
export interface Opinion {
  byMeaning: Float32Array;
  byWords: Float32Array;
  byNeighbours: Float32Array;
}

/** How the opinions are joined: chosen on examples that none of them had seen. */
export interface Blend {
  /** Say of the words, where the meaning has 1. */
  words: number;
  /** Say of the nearest examples, where the meaning has 1. */
  neighbours: number;
  /** Factor on the joined opinion that makes the confidence true; above 1 is more confident. */
  sharpness: number;
}

/** Joins opinions into the probability of each label. */
export function joinOpinions({ byMeaning, byWords, byNeighbours }: Opinion, { words, neighbours, sharpness }: Blend): Float32Array {
  const joined = new Float32Array(byMeaning.length);
  for (let label = 0; label < joined.length; label += 1) {
    joined[label] = sharpness * (byMeaning[label]! + words * byWords[label]! + neighbours * byNeighbours[label]!);
  }
  softmax(joined);
  return joined;
}

/** Turns scores into probabilities, in place. */
export function softmax(scores: Float32Array): void {
  let largest = Number.NEGATIVE_INFINITY;
  for (const score of scores) largest = Math.max(largest, score);
  let sum = 0;
  for (let index = 0; index < scores.length; index += 1) {
    const value = Math.exp(scores[index]! - largest);
    scores[index] = value;
    sum += value;
  }
  for (let index = 0; index < scores.length; index += 1) scores[index]! /= sum;
}

/** Turns scores into logarithms of probabilities, in place. */
export function logSoftmax(scores: Float32Array): Float32Array {
  let largest = Number.NEGATIVE_INFINITY;
  for (const score of scores) largest = Math.max(largest, score);
  let sum = 0;
  for (const score of scores) sum += Math.exp(score - largest);
  const total = largest + Math.log(sum);
  for (let index = 0; index < scores.length; index += 1) scores[index]! -= total;
  return scores;
}
