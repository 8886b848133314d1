import type { ModelCall, StepRecord } from "@heddle/schema";
import { describe, expect, test } from "vitest";
import { Budget, DEFAULT_MAX_STEPS, workedMs } from "./budget.ts";

const step = (key: string, more: Partial<StepRecord> = {}): StepRecord =>
  ({ key, nodeId: "a", startedAt: 0, durationMs: 0, attempts: 1, status: "completed", output: null, ports: [], ...more }) as StepRecord;
const call = (costUsd?: number): ModelCall => ({
  provider: "p",
  model: "m",
  usage: { inputTokens: 10, outputTokens: 1 },
  durationMs: 1,
  ...(costUsd === undefined ? {} : { costUsd }),
});

describe("steps", () => {
  test("are limited outside rounds by default, and in rounds too by a limit that is set", () => {
    const byDefault = new Budget({});
    for (let count = 0; count < DEFAULT_MAX_STEPS; count += 1) expect(byDefault.takeStep(false)).toBeUndefined();
    expect(byDefault.takeStep(true)).toBeUndefined();
    expect(byDefault.takeStep(false)).toMatchObject({ code: "step_limit", details: { maxSteps: 1_000 } });
    const set = new Budget({}, { maxSteps: 2 });
    expect([set.takeStep(true), set.takeStep(false)]).toEqual([undefined, undefined]);
    expect(set.takeStep(true)).toMatchObject({ code: "step_limit", details: { maxSteps: 2 } });
  });

  test("that earlier owners took count, in rounds and outside", () => {
    const recorded = [step("a#"), step("a#0"), step("a#/part"), step("b#~2.1"), step("b#/agent/a#")];
    const budget = new Budget({ maxSteps: 5 }, {}, recorded);
    expect([budget.steps, budget.takeStep(false)]).toEqual([4, undefined]);
    expect(budget.takeStep(false)).toMatchObject({ code: "step_limit" });
  });
});

describe("cost", () => {
  test("ends the run when it is passed, counting what earlier owners spent and calls without a price as nothing", () => {
    const budget = new Budget({ maxCostUsd: 0.5 }, {}, [step("a#", { modelCalls: [call(0.2)] })]);
    expect([budget.takeModelCall(call(0.25)), budget.takeModelCall(call())]).toEqual([undefined, undefined]);
    expect(budget.takeModelCall(call(0.1))).toMatchObject({ code: "cost_limit", details: { maxCostUsd: 0.5 } });
  });

  test("is limited by the caller where the document does not say", () => {
    expect(new Budget({}, { maxCostUsd: 0.1 }).takeModelCall(call(0.2))).toMatchObject({ code: "cost_limit" });
    expect(new Budget({ maxCostUsd: 1 }, { maxCostUsd: 0.1 }).takeModelCall(call(0.2))).toBeUndefined();
  });
});

test("rounds have a limit together", () => {
  const budget = new Budget({ maxIterations: 10 });
  expect([budget.takeIterations(9), budget.takeIterations(1)]).toEqual([undefined, undefined]);
  expect(budget.takeIterations(1)).toMatchObject({ code: "iteration_limit", details: { maxIterations: 10 } });
});

test("time at work is what steps cover: not twice at the same time, not between owners, not while waiting", () => {
  const spans = [
    step("a#", { startedAt: 100, durationMs: 50 }),
    step("b#", { startedAt: 120, durationMs: 10 }),
    step("c#", { startedAt: 140, durationMs: 20 }),
    step("d#", { startedAt: 1_000, durationMs: 5 }),
    step("wait#", { startedAt: 150, durationMs: 800, isEnvelope: true }),
  ];
  expect(workedMs(spans.toReversed())).toBe(65);
  expect(workedMs([])).toBe(0);
});
