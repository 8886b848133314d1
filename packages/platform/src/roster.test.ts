import { array, assert, nat, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { type Entry, Roster } from "./roster.ts";

describe("a roster", () => {
  it("holds what has entered and not left, whatever the order", () => {
    assert(
      property(array(nat(20), { maxLength: 200 }), (steps) => {
        const roster = new Roster<number>();
        const inside = new Map<string, Entry<number>>();
        for (const step of steps) {
          const id = String(step);
          const entry = inside.get(id);
          if (entry === undefined) inside.set(id, roster.enter(id, step));
          else {
            roster.leave(entry);
            roster.leave(entry);
            inside.delete(id);
          }
        }
        expect(roster.size).toBe(inside.size);
        expect(roster.items().toSorted((a, b) => a - b)).toEqual([...inside.keys()].map(Number).toSorted((a, b) => a - b));
        for (let id = 0; id <= 20; id++) expect(roster.find(String(id))).toBe(inside.has(String(id)) ? id : undefined);
      }),
    );
  });
});
