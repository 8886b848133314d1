import { VIEW_DIMENSIONS } from "./minilm-graph.ts";

/** The examples themselves, as places in the space of meanings, for votes by likeness. */
export interface Neighbours {
  /** Embeddings without what they have in common, of unit length, rounded to 8 bits; `VIEW_DIMENSIONS` each. */
  vectors: Int8Array;
  /** What a step of each vector's numbers is worth. */
  scales: Float32Array;
  /** Label number of each. */
  labels: Uint16Array;
}

/** Counts the votes of the examples nearest to a text, and returns the logarithm of each label's share. */
export type NeighbourVote = (features: Float32Array, byMeaning: Float32Array) => Float32Array;

/** Examples that vote, and how fast their say falls with distance. Chosen by cross-validation on banking77, where other values near them do the same. */
const VOTERS = 30;
const STEEPNESS = 30;
/** Share of the vote that is dealt out evenly, so that no label is ruled out. */
const EVEN_SHARE = 0.05;
/** Only examples of the labels that are likeliest by meaning are looked at: the right one is nearly always among them. */
const LABELS_LOOKED_AT = 5;
/** More examples than this are thinned out, for memory: 8 MB. */
const MOST_KEPT = 20_000;

/** @param rows normalised features of the examples; the first view is kept */
export function keepNeighbours(rows: readonly Float32Array[], labels: Int32Array): Neighbours {
  const every = Math.ceil(rows.length / MOST_KEPT);
  // In the order of labels, which lets a vote go through one label's examples in a row.
  const kept = [...rows.keys()]
    .toSorted((left, right) => labels[left]! - labels[right]! || left - right)
    .filter((_, index) => index % every === 0);
  const vectors = new Int8Array(kept.length * VIEW_DIMENSIONS);
  const scales = new Float32Array(kept.length);
  for (const [place, row] of kept.entries()) {
    const view = rows[row]!.subarray(0, VIEW_DIMENSIONS);
    const { values, scale } = roundToUnit(view);
    vectors.set(values, place * VIEW_DIMENSIONS);
    scales[place] = scale;
  }
  return { vectors, scales, labels: Uint16Array.from(kept, (row) => labels[row]!) };
}

/** @param labelCount of the classifier, some of which may have no example here */
export function neighbourVote({ vectors, scales, labels }: Neighbours, labelCount: number): NeighbourVote {
  const ranges = rangesOf(labels, labelCount);
  return (features, byMeaning) => {
    const query = roundToUnit(features.subarray(0, VIEW_DIMENSIONS));
    const nearest: { label: number; likeness: number }[] = [];
    for (const label of likeliest(byMeaning)) {
      const [from, to] = ranges[label]!;
      for (let place = from; place < to; place += 1)
        insert(nearest, label, query.scale * scales[place]! * dot(vectors, place * VIEW_DIMENSIONS, query.values));
    }
    const shares = new Float32Array(labelCount);
    const best = nearest[0]?.likeness ?? 0;
    let sum = 0;
    for (const { label, likeness } of nearest) {
      const say = Math.exp(STEEPNESS * (likeness - best));
      shares[label]! += say;
      sum += say;
    }
    return shares.map((share) => Math.log(((1 - EVEN_SHARE) * share) / (sum || 1) + EVEN_SHARE / labelCount));
  };
}

/** Keeps the list sorted, nearest first, and no longer than `VOTERS`. */
function insert(nearest: { label: number; likeness: number }[], label: number, likeness: number): void {
  if (nearest.length === VOTERS) {
    if (likeness <= nearest[VOTERS - 1]!.likeness) return;
    nearest.pop();
  }
  let position = nearest.length;
  while (position > 0 && nearest[position - 1]!.likeness < likeness) position -= 1;
  nearest.splice(position, 0, { label, likeness });
}

function rangesOf(labels: Uint16Array, labelCount: number): [number, number][] {
  const ranges = Array.from({ length: labelCount }, (): [number, number] => [0, 0]);
  for (const [place, label] of labels.entries()) {
    const range = ranges[label]!;
    if (range[1] === 0) range[0] = place;
    range[1] = place + 1;
  }
  return ranges;
}

function likeliest(scores: Float32Array): number[] {
  return [...scores.keys()].toSorted((left, right) => scores[right]! - scores[left]!).slice(0, LABELS_LOOKED_AT);
}

/** Rounds a vector to 8 bits; times `scale` it has unit length. */
function roundToUnit(vector: Float32Array): { values: Int8Array; scale: number } {
  let largest = 0;
  let squares = 0;
  for (const value of vector) {
    largest = Math.max(largest, Math.abs(value));
    squares += value * value;
  }
  const step = largest / 127 || 1;
  return { values: Int8Array.from(vector, (value) => Math.round(value / step)), scale: step / Math.sqrt(squares || 1) };
}

/** Four sums at a time: a third faster, as additions need not wait for one another. Whole numbers throughout: no rounding to do. */
function dot(vectors: Int8Array, offset: number, query: Int8Array): number {
  let first = 0;
  let second = 0;
  let third = 0;
  let fourth = 0;
  for (let index = 0; index < VIEW_DIMENSIONS; index += 4) {
    first = (first + vectors[offset + index]! * query[index]!) | 0;
    second = (second + vectors[offset + index + 1]! * query[index + 1]!) | 0;
    third = (third + vectors[offset + index + 2]! * query[index + 2]!) | 0;
    fourth = (fourth + vectors[offset + index + 3]! * query[index + 3]!) | 0;
  }
  return first + second + third + fourth;
}
