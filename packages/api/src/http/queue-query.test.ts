import { describe, expect, it } from "vitest";
import { queueQuery, startTime } from "./queue-query.ts";

const NOW = Date.parse("2026-11-22T12:00:00Z");
const when = (query: Record<string, string>, mode: "async" | "wait" = "async") => startTime(queueQuery.parse(query), mode, NOW);

describe("startTime", () => {
  it("is at once where nothing is said, or the time has passed", () => {
    expect(when({})).toBeUndefined();
    expect(when({ delayMs: "0" })).toBeUndefined();
    expect(when({ startAt: "2026-11-22T11:59:00Z" })).toBeUndefined();
  });

  it("is what was asked for, in any time zone", () => {
    expect(when({ delayMs: "1500" })).toEqual(new Date(NOW + 1_500));
    expect(when({ startAt: "2026-11-22T14:00:00+01:00" })).toEqual(new Date("2026-11-22T13:00:00Z"));
  });

  it("is refused for callers who wait, twice, and beyond 30 days", () => {
    expect(() => when({ delayMs: "5" }, "wait")).toThrow(/nobody waits/);
    expect(() => when({ delayMs: "5", startAt: "2026-11-22T13:00:00Z" })).toThrow(/same thing/);
    expect(() => when({ startAt: "2026-12-22T12:00:01Z" })).toThrow(/30 days/);
    expect(() => when({ delayMs: "-1" })).toThrow();
    expect(() => when({ startAt: "tomorrow" })).toThrow();
  });
});
