import * as fc from "fast-check";
import { expect, test } from "vitest";
import { highest } from "./highest.ts";

test("names the places that sorting would put first, equal numbers in order of place", () => {
  const numbers = fc.array(fc.integer({ min: -5, max: 5 }), { maxLength: 30 }).map((list) => Float32Array.from(list));
  fc.assert(
    fc.property(numbers, fc.nat(35), (list, count) => {
      const sorted = [...list.keys()].toSorted((left, right) => list[right]! - list[left]!);
      expect(highest(list, count)).toEqual(sorted.slice(0, count));
    }),
  );
});
