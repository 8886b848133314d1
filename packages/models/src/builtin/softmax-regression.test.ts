import { expect, test } from "vitest";
import { trainDense, trainSparse } from "./softmax-regression.ts";

test("learns the same from dense and from sparse rows", async () => {
  const rows = [
    [3, 0, 1],
    [2, 1, 0],
    [0, 3, 1],
    [1, 2, 0],
    [0, 0, 3],
    [1, 0, 2],
  ];
  const labels = Int32Array.of(0, 0, 1, 1, 2, 2);
  const options = { labels, labelCount: 3, penalty: 0.05, iterations: 80, dimensions: 3 };
  const dense = await trainDense(Float32Array.from(rows.flat()), { ...options, threads: 1 });
  const sparse = await trainSparse(
    rows.map((row) => {
      const places = row.flatMap((value, place) => (value === 0 ? [] : [place]));
      return { places: Uint32Array.from(places), weights: Float32Array.from(places, (place) => row[place] ?? 0) };
    }),
    options,
  );
  for (const [index, weight] of dense.weights.entries()) expect(sparse.weights[index]).toBeCloseTo(weight, 2);
  expect(dense.weights[0]).toBeGreaterThan(0.3);
});
