import type { StepRecord } from "@heddle/schema";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Fifo } from "./fifo.ts";
import { ReplayQueue } from "./replay-queue.ts";

const record = {} as StepRecord;

describe("ReplayQueue", () => {
  test("gives what has the first place among what is there, however adding and taking alternate", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(200), { maxLength: 60 }), fc.infiniteStream(fc.boolean()), (places, isTaking) => {
        const queue = new ReplayQueue<number>();
        const inside: number[] = [];
        const takeOne = (): void => {
          inside.sort((a, b) => a - b);
          expect(queue.take()?.item).toBe(inside.shift());
        };
        for (const place of places) {
          queue.add(place, { record, place });
          inside.push(place);
          if (isTaking.next().value === true) takeOne();
        }
        while (inside.length > 0) takeOne();
        expect(queue.take()).toBeUndefined();
      }),
    );
  });
});

describe("Fifo", () => {
  test("gives items in the order in which they came, however adding and taking alternate", () => {
    const queue = new Fifo<number>();
    let [added, taken] = [0, 0];
    for (let round = 0; round < 5_000; round += 1) {
      for (let count = 0; count < 3; count += 1) queue.add(added++);
      // It grows, shrinks and now and then is empty.
      for (let count = 0; count < (round % 700 < 300 ? 2 : 5) && taken < added; count += 1) expect(queue.take()).toBe(taken++);
    }
    while (taken < added) expect(queue.take()).toBe(taken++);
    expect(queue.take()).toBeUndefined();
  });
});
