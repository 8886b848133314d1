import { expect, test } from "vitest";
import { VIEW_DIMENSIONS } from "./minilm-graph.ts";
import { keepNeighbours, neighbourVote } from "./neighbours.ts";

/** A vector that points mostly along one axis. */
function along(axis: number, lean = 0): Float32Array {
  const vector = new Float32Array(VIEW_DIMENSIONS);
  vector[axis] = 1;
  vector[axis + 1] = lean;
  return vector;
}
const rows = [along(0), along(0, 0.2), along(10), along(10, 0.3), along(20)];
const labels = Int32Array.of(1, 1, 0, 0, 3);
const vote = neighbourVote(keepNeighbours(rows, labels), 4);
const even = new Float32Array(4);

test("gives the say to the labels of the nearest examples", () => {
  const shares = vote(along(0, 0.1), even).map(Math.exp);
  expect(shares[1]).toBeGreaterThan(0.9);
  expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
});

test("rules no label out, not even one without examples", () => {
  for (const share of vote(along(10), even)) expect(Math.exp(share)).toBeGreaterThan(0.01);
});

test("goes by direction and not by length", () => {
  const stretched = [along(0).map((value) => value * 0.01), along(0, 1).map((value) => value * 100)];
  const byDirection = neighbourVote(keepNeighbours(stretched, Int32Array.of(0, 1)), 2);
  for (const length of [0.01, 100]) {
    const shares = byDirection(
      along(0).map((value) => value * length),
      new Float32Array(2),
    ).map(Math.exp);
    expect(shares[0]).toBeGreaterThan(0.9);
  }
});

test("leaves out labels that are unlikely by meaning", () => {
  const many = Int32Array.from({ length: 10 }, (_, label) => label);
  const all = neighbourVote(
    keepNeighbours(
      Array.from(many, (label) => along(label * 5)),
      many,
    ),
    10,
  );
  const unlikely = Float32Array.from(many, (label) => (label === 0 ? -10 : 0));
  expect(Math.exp(all(along(0), unlikely)[0] ?? 0)).toBeLessThan(0.05);
  expect(Math.exp(all(along(0), new Float32Array(10))[0] ?? 0)).toBeGreaterThan(0.5);
});
