import { expect, test } from "vitest";
import { createWordIndex } from "./word-index.ts";

test("ignores case and accents, and knows unspaced scripts", () => {
  const index = createWordIndex();
  index.add(0, "Das Café in ZÜRICH");
  index.add(1, "我要退款");
  expect(index.search("cafe zurich", 2)[0]).toBeCloseTo(1);
  expect(index.search("退款", 2)[1]).toBeCloseTo(1);
  expect(index.search("nothing here", 2)).toEqual(Float64Array.of(0, 0));
});

test("weighs rare words more than common ones", () => {
  const index = createWordIndex();
  for (let place = 0; place < 10; place += 1) index.add(place, place === 3 ? "the fee of the card" : "the card of the bank");
  const scores = index.search("the fee", 10);
  expect(scores[3]).toBeGreaterThan(0.9);
  expect(scores[0]).toBeLessThan(0.1);
});

test("prefers the short text of two that say it once", () => {
  const index = createWordIndex();
  index.add(0, `fee ${"and much more ".repeat(30)}`);
  index.add(1, "fee only");
  const scores = index.search("fee", 2);
  expect(scores[1]).toBeGreaterThan(scores[0] ?? 1);
});

test("forgets what is removed, its length too", () => {
  const index = createWordIndex();
  index.add(0, "a fee for the card");
  index.add(2, "card");
  const before = index.search("fee", 1);
  expect(before[0]).toBeLessThan(0.9);
  index.add(1, "fee ".repeat(40));
  expect(index.search("fee", 1)).not.toEqual(before);
  index.remove(1);
  index.remove(1);
  expect(index.search("fee", 1)).toEqual(before);
});
