import type { TraceStep } from "@heddle/schema";
import { expect, test } from "vitest";
import { waterfall } from "./waterfall.ts";

const at = (ms: number) => new Date(1_700_000_000_000 + ms).toISOString();
const step = (key: string, ms: number, duration: number): TraceStep => ({
  key,
  nodeId: key.split("#")[0] ?? key,
  nodeName: key,
  nodeType: "format",
  status: "completed",
  output: null,
  error: null,
  ports: ["out"],
  attempts: 1,
  tokensUsed: 0,
  startedAt: at(ms),
  offset: ms,
  duration,
});

test("bars share the run's time", () => {
  const bars = waterfall([step("a#", 0, 40), step("b#", 50, 50)]);
  expect(bars.map(({ start, width }) => [start, width])).toEqual([
    [0, 0.4],
    [0.5, 0.5],
  ]);
});

test("the parts of a step stand below it and deeper", () => {
  const bars = waterfall([step("start#", 0, 1), step("answer#/call:0", 5, 90), step("after#", 99, 1), step("answer#", 2, 96)]);
  expect(bars.map(({ step: { key }, depth }) => [key, depth])).toEqual([
    ["start#", 0],
    ["answer#", 0],
    ["answer#/call:0", 1],
    ["after#", 0],
  ]);
});

test("a run of no measurable length is still drawn", () => {
  expect(waterfall([step("a#", 0, 0)])[0]).toMatchObject({ start: 0, width: 0 });
  expect(waterfall([])).toEqual([]);
});
