import { expect, test } from "vitest";
import { planFolds } from "./folds.ts";

test("spreads every label over the folds evenly", () => {
  const labels = Int32Array.from({ length: 100 }, (_, row) => row % 4);
  const { count, of } = planFolds(
    Array.from(labels, (_, row) => `text ${row}`),
    labels,
  );
  expect(count).toBe(5);
  for (let label = 0; label < 4; label += 1) {
    const sizes = Array.from({ length: count }, (_, fold) => labels.filter((other, row) => other === label && of[row] === fold).length);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
  }
});

test("has no more folds than the rarest label has texts, and never fewer than two", () => {
  expect(planFolds(["a", "b", "c", "d", "e", "f"], Int32Array.of(0, 0, 0, 1, 1, 1)).count).toBe(3);
  expect(planFolds(["a", "A ", "c", "d"], Int32Array.of(0, 0, 1, 1)).count).toBe(2);
});

test("keeps copies of a text together, whatever their labels", () => {
  const texts = Array.from({ length: 36 }, (_, row) => (row % 2 ? `Same  text ${row >> 2}` : `same text ${row >> 2} `));
  const { of } = planFolds(
    texts,
    Int32Array.from(texts, (_, row) => (row >> 1) % 2),
  );
  for (let row = 0; row < texts.length; row += 4) expect(new Set(of.subarray(row, row + 4)).size).toBe(1);
});
