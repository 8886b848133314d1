import { expect, test } from "vitest";
import { minimise } from "./minimise.ts";

test("finds the bottom of a long narrow valley", async () => {
  const point = new Float32Array([5, -3, 2]);
  const steepness = [1, 100, 10_000];
  const value = await minimise(
    (at, gradient) =>
      steepness.reduce((sum, steep, index) => {
        const distance = at[index]! - index;
        gradient[index] = steep * distance;
        return sum + 0.5 * steep * distance * distance;
      }, 0),
    point,
    60,
  );
  expect(value).toBeLessThan(1e-3);
  expect(point[0]).toBeCloseTo(0, 1);
  expect(point[1]).toBeCloseTo(1, 2);
  expect(point[2]).toBeCloseTo(2, 3);
});

test("stays where it is at a minimum", async () => {
  const point = new Float32Array([0]);
  await minimise(
    (_, gradient) => {
      gradient.fill(0);
      return 1;
    },
    point,
    10,
  );
  expect(point[0]).toBe(0);
});
