import { expect, test } from "vitest";
import { costOf, knownModels } from "./prices.ts";

test("a call costs its tokens times their price", () => {
  expect(costOf("gpt-4o-mini", { inputTokens: 1_000_000, outputTokens: 100_000 })).toBeCloseTo(0.15 + 0.06, 9);
});

test("cached input costs less", () => {
  expect(costOf("gpt-4o", { inputTokens: 1_000, outputTokens: 0 }, 1_000)).toBeCloseTo(0.00125, 9);
  expect(costOf("gpt-4o", { inputTokens: 1_000, outputTokens: 0 }, 5_000)).toBeCloseTo(0.00125, 9);
});

test("dated names share their model's price", () => {
  const usage = { inputTokens: 10, outputTokens: 10 };
  expect(costOf("gpt-4o-2024-08-06", usage)).toBe(costOf("gpt-4o", usage));
  expect(costOf("claude-haiku-4-5-20251001", usage)).toBe(costOf("claude-haiku-4-5", usage));
});

test("what is not known has no price: other models, and prompts beyond a price's range", () => {
  expect(costOf("llama3.2", { inputTokens: 10, outputTokens: 10 })).toBeUndefined();
  expect(costOf("toString", { inputTokens: 10, outputTokens: 10 })).toBeUndefined();
  expect(costOf("gpt-5.4", { inputTokens: 300_000, outputTokens: 10 })).toBeUndefined();
});

test("a provider's well-known models can be offered", () => {
  expect(knownModels(/^claude/).every((model) => model.startsWith("claude-"))).toBe(true);
});
