import { expect, it } from "vitest";
import { capRunLimits } from "./cap-run-limits.ts";

const open = { maxTokens: null, maxCostUsd: null, maxDurationMs: null, maxSteps: null };

it("leaves a document as it is where the workspace sets no ceiling", () => {
  const document = { maxSteps: 5_000, maxTokens: 10 };
  expect(capRunLimits(document, open)).toBe(document);
});

it("lets the lower win, whichever side it is on", () => {
  const document = { maxSteps: 5_000, maxTokens: 10, maxCostUsd: 3, maxIterations: 7 };
  const ceilings = { maxTokens: 100, maxCostUsd: 0.5, maxDurationMs: 60_000, maxSteps: 200 };
  expect(capRunLimits(document, ceilings)).toEqual({
    maxSteps: 200,
    maxTokens: 10,
    maxCostUsd: 0.5,
    maxDurationMs: 60_000,
    maxIterations: 7,
  });
});

it("limits a document that sets nothing, and gives it no more time than it would have had", () => {
  expect(capRunLimits({}, { maxTokens: 100, maxCostUsd: 1, maxDurationMs: 86_400_000, maxSteps: 10 })).toEqual({
    maxTokens: 100,
    maxCostUsd: 1,
    maxSteps: 10,
  });
});
