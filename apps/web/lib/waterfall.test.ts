import type { TraceStep } from "@heddle/schema";
import { describe, expect, test } from "vitest";
import { LINES_AT_A_TIME, traceLines, type TraceView } from "./trace-lines.ts";
import { waterfall, type WaterfallBar } from "./waterfall.ts";

const at = (ms: number) => new Date(1_700_000_000_000 + ms).toISOString();
const step = (key: string, ms: number, duration: number, rest: Partial<TraceStep> = {}): TraceStep => ({
  key,
  nodeId: key.split("#")[0] ?? key,
  nodeName: key,
  nodeType: key.startsWith("loop") ? "loop" : "format",
  status: "completed",
  output: null,
  error: null,
  ports: ["out"],
  attempts: 1,
  tokensUsed: 0,
  startedAt: at(ms),
  offset: ms,
  duration,
  ...rest,
});
const closed: TraceView = { open: new Map(), limits: new Map(), onlyFailed: new Set() };
const shape = (bar: WaterfallBar): unknown => ({
  [bar.step.key]: [...bar.parts.map(({ step: { key } }) => key), ...bar.rounds.map((round) => round.bars.map(shape))],
});

test("bars share the run's time", () => {
  const { bars } = waterfall([step("a#", 0, 40), step("b#", 50, 50)]);
  expect(bars.map(({ start, width }) => [start, width])).toEqual([
    [0, 0.4],
    [0.5, 0.5],
  ]);
});

test("the parts of a step stand below it and deeper", () => {
  const trace = waterfall([step("start#", 0, 1), step("answer#/call:0", 5, 90), step("after#", 99, 1), step("answer#", 2, 96)]);
  expect(traceLines(trace, closed).map(({ key, depth }) => [key, depth])).toEqual([
    ["start#", 0],
    ["answer#", 0],
    ["answer#/call:0", 1],
    ["after#", 0],
  ]);
});

test("a run of no measurable length is still drawn", () => {
  expect(waterfall([step("a#", 0, 0)]).bars[0]).toMatchObject({ start: 0, width: 0 });
  expect(waterfall([])).toEqual({ bars: [], open: [] });
});

describe("rounds", () => {
  test("stand in their container, inner ones in the round around them, also after a go-to", () => {
    const { bars } = waterfall([
      step("loop#", 0, 100),
      step("a#0", 1, 5),
      step("loop_2#0", 6, 10),
      step("b#0.0", 7, 2),
      step("b#0.1", 10, 2),
      step("a#1", 50, 5),
      step("a#1~2", 60, 5),
    ]);
    expect(bars.map(shape)).toEqual([
      {
        "loop#": [
          [{ "a#0": [] }, { "loop_2#0": [[{ "b#0.0": [] }], [{ "b#0.1": [] }]] }],
          [{ "a#1": [] }, { "a#1~2": [] }],
        ],
      },
    ]);
  });

  test("of two containers in the same place belong to the one at work; items belong to their node", () => {
    const { bars } = waterfall([
      step("loop#", 0, 10),
      step("loop_2#", 20, 10),
      step("a#0", 2, 1),
      step("b#0", 22, 1),
      step("each#", 40, 10),
      step("each#0", 41, 1),
    ]);
    expect(bars.map(shape)).toEqual([{ "loop#": [[{ "a#0": [] }]] }, { "loop_2#": [[{ "b#0": [] }]] }, { "each#": [[{ "each#0": [] }]] }]);
  });

  test("of a container that has not ended are shown as under way", () => {
    const trace = waterfall([step("start#", 0, 1), step("a#0", 2, 1), step("a#1", 4, 1)]);
    expect(trace.open.map(({ index }) => index)).toEqual([0, 1]);
    expect(traceLines(trace, closed).map(({ kind }) => kind)).toEqual(["step", "rounds", "step", "step"]);
  });

  test("ten thousand of them make a page of few lines, opened or not, and failures can be looked at alone", () => {
    const steps = Array.from({ length: 10_000 }, (_, index) => step(`a#${index}`, index, 1, index === 7_000 ? { status: "failed" } : {}));
    const trace = waterfall([step("loop#", 0, 10_001), ...steps]);
    expect(traceLines(trace, closed)).toHaveLength(2);
    const open = { ...closed, open: new Map([["loop# rounds", true]]) };
    expect(traceLines(trace, open)).toHaveLength(2 + LINES_AT_A_TIME + 1);
    const failed = traceLines(trace, { ...open, onlyFailed: new Set(["loop# rounds"]) });
    expect(failed.map((line) => (line.kind === "step" ? line.round : line.kind))).toEqual([undefined, "rounds", 7_001]);
  });
});
