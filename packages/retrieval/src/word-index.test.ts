import { expect, test } from "vitest";
import { createWordIndex } from "./word-index.ts";

test("ignores case and accents, and knows unspaced scripts", () => {
  const index = createWordIndex();
  index.add(0, "Das Café in ZÜRICH");
  index.add(1, "我要退款");
  expect(index.search("cafe zurich").get(0)).toBeCloseTo(1);
  expect(index.search("退款").get(1)).toBeCloseTo(1);
  expect(index.search("nothing here").size).toBe(0);
});

test("weighs rare words more than common ones", () => {
  const index = createWordIndex();
  for (let place = 0; place < 10; place += 1) index.add(place, place === 3 ? "the fee of the card" : "the card of the bank");
  const scores = index.search("the fee");
  expect(scores.get(3)).toBeGreaterThan(0.9);
  expect(scores.get(0)).toBeLessThan(0.1);
});

test("prefers the short text of two that say it once", () => {
  const index = createWordIndex();
  index.add(0, `fee ${"and much more ".repeat(30)}`);
  index.add(1, "fee only");
  const scores = index.search("fee");
  expect(scores.get(1)).toBeGreaterThan(scores.get(0) ?? 1);
});
