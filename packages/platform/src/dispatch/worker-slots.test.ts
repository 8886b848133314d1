import { describe, expect, it } from "vitest";
import { WorkerSlots } from "./worker-slots.ts";

describe("WorkerSlots", () => {
  it("gives a workspace that is alone three quarters, and the next one three quarters of the rest", () => {
    const slots = new WorkerSlots(100);
    expect(slots.roomFor("a")).toBe(75);
    slots.take("a", 75);
    expect(slots.roomFor("a")).toBe(0);
    expect(slots.roomFor("b")).toBe(19);
    slots.take("b", 19);
    expect(slots.roomFor("c")).toBe(5);
  });

  it("has room for one more workspace as long as a slot is free", () => {
    const slots = new WorkerSlots(10);
    for (let index = 0; slots.taken < slots.total; index++) {
      const room = slots.roomFor(`w${index}`);
      expect(room).toBeGreaterThan(0);
      slots.take(`w${index}`, room);
    }
    expect(slots.roomFor("late")).toBe(0);
    slots.give("w0", 1);
    expect(slots.roomFor("late")).toBe(1);
  });

  it("lets a workspace have again what it gave", () => {
    const slots = new WorkerSlots(4);
    slots.take("a", slots.roomFor("a"));
    slots.give("a", 2);
    expect(slots.roomFor("a")).toBe(2);
    expect(slots.taken).toBe(1);
  });

  it("works with a single slot", () => {
    expect(new WorkerSlots(1).roomFor("a")).toBe(1);
  });
});
