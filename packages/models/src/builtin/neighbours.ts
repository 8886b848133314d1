import { highest } from "./highest.ts";
import { VIEW_DIMENSIONS } from "./minilm-graph.ts";
import { createByteRows, type RowProducts } from "./row-products.ts";

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
  const rows = rowsOf(vectors);
  return (features, byMeaning) => {
    const query = roundToUnit(features.subarray(0, VIEW_DIMENSIONS));
    const nearest: Nearest = { count: 0, labels: new Uint16Array(VOTERS), likenesses: new Float64Array(VOTERS) };
    for (const label of highest(byMeaning, LABELS_LOOKED_AT)) {
      const [from, to] = ranges[label]!;
      const products = rows.products(query.values, from, to);
      for (let place = from; place < to; place += 1) insert(nearest, label, query.scale * scales[place]! * products[place - from]!);
    }
    const shares = new Float32Array(labelCount);
    let sum = 0;
    for (let voter = 0; voter < nearest.count; voter += 1) {
      const say = Math.exp(STEEPNESS * (nearest.likenesses[voter]! - nearest.likenesses[0]!));
      shares[nearest.labels[voter]!]! += say;
      sum += say;
    }
    return shares.map((share) => Math.log(((1 - EVEN_SHARE) * share) / (sum || 1) + EVEN_SHARE / labelCount));
  };
}

/** The nearest examples so far, at most `VOTERS`, nearest first. */
interface Nearest {
  count: number;
  labels: Uint16Array;
  likenesses: Float64Array;
}

function insert(nearest: Nearest, label: number, likeness: number): void {
  const { labels, likenesses } = nearest;
  if (nearest.count < VOTERS) nearest.count += 1;
  else if (likeness <= likenesses[VOTERS - 1]!) return;
  let position = nearest.count - 1;
  while (position > 0 && likenesses[position - 1]! < likeness) {
    likenesses[position] = likenesses[position - 1]!;
    labels[position] = labels[position - 1]!;
    position -= 1;
  }
  likenesses[position] = likeness;
  labels[position] = label;
}

function rowsOf(vectors: Int8Array): RowProducts<Int8Array, Int32Array> {
  const rows = createByteRows(VIEW_DIMENSIONS);
  const count = vectors.length / VIEW_DIMENSIONS;
  for (let row = 0; row < count; row += 1) rows.set(row, vectors.subarray(row * VIEW_DIMENSIONS, (row + 1) * VIEW_DIMENSIONS));
  return rows;
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

/** Rounds a vector to 8 bits; times `scale` it has unit length. Plain loops: `Int8Array.from` with a function takes ten times as long. */
function roundToUnit(vector: Float32Array): { values: Int8Array; scale: number } {
  let largest = 0;
  let squares = 0;
  for (const value of vector) {
    largest = Math.max(largest, Math.abs(value));
    squares += value * value;
  }
  const step = largest / 127 || 1;
  const values = new Int8Array(vector.length);
  for (let index = 0; index < values.length; index += 1) values[index] = Math.round(vector[index]! / step);
  return { values, scale: step / Math.sqrt(squares || 1) };
}
