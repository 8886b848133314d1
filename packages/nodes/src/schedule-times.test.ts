import { expect, test } from "vitest";
import { nextScheduleTimes } from "./schedule-times.ts";

test("next times are those of the time zone, in which clocks change", () => {
  const after = new Date("2026-03-27T12:00:00Z");
  const times = nextScheduleTimes("0 9 * * *", { timeZone: "Europe/Berlin", count: 3, after });
  expect(times?.map((time) => time.toISOString())).toEqual([
    "2026-03-28T08:00:00.000Z",
    "2026-03-29T07:00:00.000Z",
    "2026-03-30T07:00:00.000Z",
  ]);
});

test("what can't be read, and a zone that does not exist, have none", () => {
  expect(nextScheduleTimes("at nine", { timeZone: undefined, count: 3 })).toBeUndefined();
  expect(nextScheduleTimes("0 9 * * *", { timeZone: "Mars/Crater", count: 3 })).toBeUndefined();
  expect(nextScheduleTimes("0 0 30 2 *", { timeZone: undefined, count: 3 }) ?? []).toEqual([]);
});
