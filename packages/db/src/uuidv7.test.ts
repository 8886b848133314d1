import { describe, expect, it } from "vitest";
import { uuidv7 } from "./uuidv7.ts";

describe("a new id", () => {
  it("is a UUID of version 7 that sorts after all before it, also when many are made at once", () => {
    const ids = Array.from({ length: 10_000 }, uuidv7);
    expect(ids.toSorted()).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const age = Date.now() - Number.parseInt((ids[0] ?? "").replace("-", "").slice(0, 12), 16);
    expect(Math.abs(age)).toBeLessThan(60_000);
  });
});
