import { expect, test } from "vitest";
import { chooseBlend, judge, type Verdict } from "./cross-validation.ts";

const opinion = (label: number, byMeaning: number[], byWords: number[] = [0, 0, 0]): Verdict => ({
  label,
  opinion: { byMeaning: Float32Array.from(byMeaning), byWords: Float32Array.from(byWords), byNeighbours: new Float32Array(3) },
});

test("tells accuracy, mix-ups and what each label is worth", () => {
  const opinions = [
    opinion(0, [3, 0, 0]),
    opinion(0, [0, 3, 0]),
    opinion(0, [0, 3, 0]),
    opinion(1, [0, 3, 0]),
    opinion(1, [3, 0, 0]),
    opinion(2, [0, 0, 3]),
  ];
  const found = judge(opinions, { words: 0, neighbours: 0, sharpness: 1 }, ["a", "b", "c"]);
  expect(found.accuracy).toBe(0.5);
  expect(found.confusions).toEqual([
    { label: "a", confusedWith: "b", count: 2 },
    { label: "b", confusedWith: "a", count: 1 },
  ]);
  expect(found.perLabel).toEqual([
    { label: "a", count: 3, recall: 1 / 3, precision: 1 / 2 },
    { label: "b", count: 2, recall: 1 / 2, precision: 1 / 3 },
    { label: "c", count: 1, recall: 1, precision: 1 },
  ]);
});

test("measures how far confidence is from truth", () => {
  const surelyRight = Array.from({ length: 10 }, () => opinion(0, [20, 0, 0]));
  const surelyWrong = Array.from({ length: 10 }, () => opinion(1, [20, 0, 0]));
  expect(judge(surelyRight, { words: 0, neighbours: 0, sharpness: 1 }, ["a", "b", "c"]).calibrationError).toBeCloseTo(0, 3);
  expect(judge([...surelyRight, ...surelyWrong], { words: 0, neighbours: 0, sharpness: 1 }, ["a", "b", "c"]).calibrationError).toBeCloseTo(
    0.5,
    3,
  );
});

test("lets words count where they help, and only there", () => {
  const helpful = Array.from({ length: 60 }, (_, index) =>
    opinion(
      index % 3,
      [0, 0, 0],
      [0, 1, 2].map((label) => (label === index % 3 ? 2 : 0)),
    ),
  );
  const misleading = Array.from({ length: 60 }, (_, index) =>
    opinion(
      index % 3,
      [0, 1, 2].map((label) => (label === index % 3 ? 2 : 0)),
      [0, 1, 2].map((label) => (label === (index + 1) % 3 ? 3 : 0)),
    ),
  );
  expect(chooseBlend(helpful).words).toBeGreaterThan(0.9);
  expect(chooseBlend(misleading).words).toBe(0);
});

test("becomes modest where being sure did not pay", () => {
  const overconfident = Array.from({ length: 100 }, (_, index) => opinion(index % 10 < 6 ? 0 : 1, [8, 0, 0], [8, 0, 0]));
  const { sharpness } = chooseBlend(overconfident);
  expect(sharpness).toBeLessThan(0.3);
});
