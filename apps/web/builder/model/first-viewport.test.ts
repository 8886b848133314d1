import { expect, test } from "vitest";
import { firstViewport } from "./first-viewport.ts";

const frame = { clientWidth: 1_000, clientHeight: 600 };

test("shows a small graph whole, in the middle and not enlarged", () => {
  expect(firstViewport({ x: 100, y: 0, width: 400, height: 200 }, frame)).toEqual({ x: 200, y: 200, zoom: 1 });
});

test("opens a large graph at its beginning, at a size that can be read", () => {
  const view = firstViewport({ x: -50, y: 0, width: 9_000, height: 100 }, frame);
  expect(view.zoom).toBe(0.75);
  expect(view.x).toBe(40 + 50 * 0.75);
});
