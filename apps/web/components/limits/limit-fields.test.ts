import { describe, expect, it } from "vitest";
import { formatAmount, formatReset, mergeUpdates, parseLimit } from "./limit-fields.ts";

describe("parseLimit", () => {
  const whole = { isWhole: true, least: 1 };
  it.each([
    ["", null],
    ["  ", null],
    ["1,000", 1_000],
    ["10 000", 10_000],
    ["0", undefined],
    ["-5", undefined],
    ["1.5", undefined],
    ["many", undefined],
    ["Infinity", undefined],
  ])("reads %j", (text, value) => expect(parseLimit(text, whole)).toBe(value));

  it("takes fractions where they mean something", () => {
    expect(parseLimit("0.25", { isWhole: false, least: 0.01 })).toBe(0.25);
  });
});

it("joins what was changed in several places", () => {
  const updates = [{ month: { tokens: 5 } }, { run: { maxSteps: 3 } }, { month: { costUsd: null } }, { concurrency: 7 }];
  expect(mergeUpdates(updates)).toEqual({ month: { tokens: 5, costUsd: null }, run: { maxSteps: 3 }, concurrency: 7 });
});

it("writes amounts as people read them", () => {
  expect([formatAmount("executions", 12_345), formatAmount("costUsd", 1_234.5)]).toEqual(["12,345", "US$ 1,234.50"]);
  expect(formatReset("2026-12-01T00:00:00.000Z")).toBe("December 1");
});
