import { VirtualClock } from "@heddle/testing/runtime/virtual-clock";
import { describe, expect, test } from "vitest";
import { Alarms } from "./alarms.ts";

function setUp() {
  const clock = new VirtualClock(0);
  const faults: unknown[] = [];
  return { clock, faults, rung: [] as string[], alarms: new Alarms(clock, (fault) => faults.push(fault)) };
}

describe("Alarms", () => {
  test("ring in the order of their times, whatever the order they were set in", async () => {
    const { clock, alarms, rung } = setUp();
    for (const at of [30, 10, 20]) alarms.set(at, () => rung.push(`${at} at ${clock.now()}`));
    await clock.advance(30);
    expect(rung).toEqual(["10 at 10", "20 at 20", "30 at 30"]);
  });

  test("share one timer", () => {
    const { clock, alarms } = setUp();
    for (const at of [10, 20, 30]) alarms.set(at, () => {});
    expect(clock.sleeping).toBe(1);
  });

  test("that were cancelled stay silent, even by one that rings at the same time", async () => {
    const { clock, alarms, rung } = setUp();
    const cancelled = alarms.set(10, () => rung.push("cancelled"));
    const second = { current: cancelled };
    alarms.set(20, () => {
      rung.push("first");
      alarms.cancel(second.current);
    });
    second.current = alarms.set(20, () => rung.push("second"));
    alarms.cancel(cancelled);
    await clock.advance(100);
    expect(rung).toEqual(["first"]);
  });

  test("may set another when they ring", async () => {
    const { clock, alarms, rung } = setUp();
    alarms.set(10, () => alarms.set(15, () => rung.push(`again at ${clock.now()}`)));
    await clock.advance(20);
    expect(rung).toEqual(["again at 15"]);
  });

  test("leave no timer behind when cleared, and report no fault", async () => {
    const { clock, alarms, faults } = setUp();
    alarms.set(10, () => {});
    alarms.clear();
    await clock.advance(20);
    expect([clock.sleeping, faults]).toEqual([0, []]);
  });

  test("report a clock that fails", () => {
    const faults: unknown[] = [];
    const broken = (): never => {
      throw new Error("no clock");
    };
    const alarms = new Alarms({ now: () => 0, wakeAfter: broken }, (fault) => faults.push(fault));
    alarms.set(10, () => {});
    expect(faults).toHaveLength(1);
  });

  test("report what goes wrong when one rings", async () => {
    const { clock, alarms, faults } = setUp();
    alarms.set(10, () => {
      throw new Error("broken");
    });
    await clock.advance(10);
    expect(faults).toHaveLength(1);
  });
});
