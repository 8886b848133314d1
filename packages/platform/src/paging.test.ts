import { describe, expect, it } from "vitest";
import { idCursor, pageOf, readTimeCursor, takeFor, timeCursor } from "./paging.ts";

const id = "0190b4d3-1111-7000-8000-000000000000";

describe("paging", () => {
  it("names the last row shown while there are more", () => {
    expect(pageOf([1, 2, 3], { limit: 2 }, (row) => row * 10, String)).toEqual({ items: [10, 20], nextCursor: "2" });
    expect(pageOf([1, 2], { limit: 2 }, (row) => row, String)).toEqual({ items: [1, 2], nextCursor: null });
    expect(pageOf([], {}, (row) => row, String)).toEqual({ items: [], nextCursor: null });
  });

  it("keeps pages within bounds", () => {
    expect([takeFor({}), takeFor({ limit: 0 }), takeFor({ limit: 10_000 })]).toEqual([51, 2, 201]);
  });

  it("reads back the cursors it gave out", () => {
    const time = new Date("2026-11-22T13:00:00.123Z");
    expect(readTimeCursor({ cursor: timeCursor(time, id) })).toEqual({ time, id });
    expect(idCursor({ cursor: id })).toBe(id);
  });

  it.each(["", "x", "..", "zzzzzzzzzzzzzzz." + id, "1." + id + "' or 1=1", "'"])("refuses the cursor %j", (cursor) => {
    expect(() => readTimeCursor({ cursor })).toThrow("cursor");
    expect(() => idCursor({ cursor })).toThrow("cursor");
  });
});
