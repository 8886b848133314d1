import { expect, test } from "vitest";
import { fitWordFeatures, vectoriser, wordGrams } from "./word-features.ts";

test("counts words, signs and pairs of neighbours", () => {
  expect(wordGrams("Don't pay £5")).toEqual(["don't", "pay", "£", "5", "don't pay", "pay £", "£ 5"]);
  expect(wordGrams("退款吗")).toEqual(["退", "款", "吗", "退 款", "款 吗"]);
  expect(wordGrams("")).toEqual([]);
});

test("knows only what was in enough texts, and the commonest of it", () => {
  const texts = ["a b", "a c", "a b"].map(wordGrams);
  expect(fitWordFeatures(texts, { minTexts: 2, limit: 10 }).vocabulary).toEqual(["a", "b", "a b"]);
  expect(fitWordFeatures(texts, { minTexts: 1, limit: 1 }).vocabulary).toEqual(["a"]);
});

test("gives rare words more weight and every text the same length", () => {
  const features = fitWordFeatures(["a b", "a c", "a d"].map(wordGrams), { minTexts: 1, limit: 10 });
  const { places, weights } = vectoriser(features)(["a", "b", "unknown"]);
  expect(Array.from(places, (place) => features.vocabulary[place])).toEqual(["a", "b"]);
  expect(weights[1]).toBeGreaterThan(weights[0] ?? 0);
  expect(Math.hypot(...weights)).toBeCloseTo(10, 4);
  expect(vectoriser(features)([]).places).toHaveLength(0);
});
