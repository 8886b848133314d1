import { assert, constantFrom, integer, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { latestTick, nextTick, upcomingTicks, type CronSchedule } from "./cron-clock.ts";

const at = (cron: string, timeZone: string): CronSchedule => ({ cron, timeZone });
const ticks = (schedule: CronSchedule, after: string, count: number) =>
  upcomingTicks(schedule, new Date(after), count).map((tick) => tick.toISOString().replace(":00.000Z", "Z"));

describe("a schedule", () => {
  it.each<[string, string, string, string[]]>([
    ["0 9 * * 1-5", "Europe/Berlin", "2026-11-20T12:00:00Z", ["2026-11-23T08:00Z", "2026-11-24T08:00Z"]],
    ["*/7 * * * *", "UTC", "2026-04-04T14:50:00Z", ["2026-04-04T14:56Z", "2026-04-04T15:00Z", "2026-04-04T15:07Z"]],
    ["0 0 29 2 *", "UTC", "2026-04-04T00:00:00Z", ["2028-02-29T00:00Z", "2032-02-29T00:00Z"]],
    ["0 0 31 * *", "UTC", "2026-01-31T00:00:00Z", ["2026-03-31T00:00Z", "2026-05-31T00:00Z"]],
    ["0 0 L * *", "UTC", "2026-02-01T00:00:00Z", ["2026-02-28T00:00Z", "2026-03-31T00:00Z"]],
    // A day of the month and a day of the week: either, as cron has always read them.
    ["0 0 13 * FRI", "UTC", "2026-04-04T00:00:00Z", ["2026-04-10T00:00Z", "2026-04-13T00:00Z"]],
    ["0 9 * * MON#1", "UTC", "2026-04-07T00:00:00Z", ["2026-05-04T09:00Z"]],
    ["0 12 * * 7", "UTC", "2026-11-22T00:00:00Z", ["2026-11-22T12:00Z", "2026-11-29T12:00Z"]],
    ["30 5 * * *", "Asia/Kathmandu", "2026-01-01T00:00:00Z", ["2026-01-01T23:45Z"]],
    ["@monthly", "UTC", "2026-12-15T00:00:00Z", ["2027-01-01T00:00Z"]],
    ["*/20 * * * * *", "UTC", "2026-01-01T00:00:45Z", ["2026-01-01T00:01Z"]],
  ])("%s in %s comes as expected", (cron, timeZone, after, expected) => {
    expect(ticks(at(cron, timeZone), after, expected.length)).toEqual(expected);
  });

  it("has no tick on a day that does not exist", () => {
    expect(nextTick(at("0 0 30 2 *", "UTC"), new Date())).toBeUndefined();
  });

  it.each(["", "61 * * * *", "* * * *", "x", "* * * * * * *"])("can't be read where it is written %j", (cron) => {
    expect(() => nextTick(at(cron, "UTC"), new Date())).toThrow();
  });

  it("can't be read in a time zone that does not exist", () => {
    expect(() => nextTick(at("* * * * *", "Europe/Atlantis"), new Date())).toThrow();
  });
});

describe("where clocks go forward", () => {
  it.each<[string, string, string, string[]]>([
    // 02:00 becomes 03:00 on 29 March.
    ["30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", ["2026-03-29T01:00Z", "2026-03-30T00:30Z"]],
    ["30 2,14 * * *", "Europe/Berlin", "2026-03-28T12:30:00Z", ["2026-03-28T13:30Z", "2026-03-29T01:00Z", "2026-03-29T12:30Z"]],
    ["30 2 * * *", "America/New_York", "2026-03-07T12:00:00Z", ["2026-03-08T07:00Z", "2026-03-09T06:30Z"]],
    // By half an hour: 02:00 becomes 02:30 on 4 October.
    ["15 2 * * *", "Australia/Lord_Howe", "2026-10-03T02:00:00Z", ["2026-10-03T15:30Z", "2026-10-04T15:15Z"]],
    ["*/30 * * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", ["2026-03-29T00:30Z", "2026-03-29T01:00Z", "2026-03-29T01:30Z"]],
    // Midnight itself was skipped.
    ["0 0 * * *", "America/Sao_Paulo", "2018-11-03T10:00:00Z", ["2018-11-04T03:00Z", "2018-11-05T02:00Z"]],
  ])("%s in %s fires a skipped time once, at the end of the gap", (cron, timeZone, after, expected) => {
    expect(ticks(at(cron, timeZone), after, expected.length)).toEqual(expected);
  });
});

describe("where clocks go back", () => {
  it.each<[string, string, string, string[]]>([
    // 03:00 becomes 02:00 on 25 October.
    ["30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", ["2026-10-25T00:30Z", "2026-10-26T01:30Z"]],
    ["30 2,3 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", ["2026-10-25T00:30Z", "2026-10-25T02:30Z", "2026-10-26T01:30Z"]],
    ["30 1 * * *", "America/New_York", "2026-10-31T12:00:00Z", ["2026-11-01T05:30Z", "2026-11-02T06:30Z"]],
    ["45 1 * * *", "Australia/Lord_Howe", "2026-04-04T02:00:00Z", ["2026-04-04T14:45Z", "2026-04-05T15:15Z"]],
    // By elapsed time: every hour is an hour.
    ["0 * * * *", "Europe/Berlin", "2026-10-24T23:30:00Z", ["2026-10-25T00:00Z", "2026-10-25T01:00Z", "2026-10-25T02:00Z"]],
  ])("%s in %s fires a time that comes twice the first time only", (cron, timeZone, after, expected) => {
    expect(ticks(at(cron, timeZone), after, expected.length)).toEqual(expected);
  });
});

describe("the latest tick", () => {
  it("is the moment itself where one comes then", () => {
    const noon = new Date("2026-11-22T12:00:00Z");
    expect(latestTick(at("0 12 * * *", "UTC"), noon)).toEqual(noon);
    expect(latestTick(at("0 12 * * *", "UTC"), new Date(noon.getTime() + 500))).toEqual(noon);
    expect(latestTick(at("0 12 * * *", "UTC"), new Date(noon.getTime() - 1))).toEqual(new Date("2026-11-21T12:00:00Z"));
  });

  it("is the one that the next ones lead to, whatever the pattern, the zone and the moment", () => {
    const zone = constantFrom("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu");
    const cron = constantFrom("30 2 * * *", "30 1 * * *", "*/30 * * * *", "15 2,3 * * *", "0 9 * * 1", "*/7 1-3 * * *");
    const moment = integer({ min: Date.parse("2026-01-01T00:00:00Z"), max: Date.parse("2027-01-01T00:00:00Z") });
    assert(
      property(cron, zone, moment, (pattern, timeZone, time) => {
        const schedule = at(pattern, timeZone);
        const until = new Date(time);
        const latest = latestTick(schedule, until);
        if (!latest) throw new Error("every one of these has come before");
        const next = nextTick(schedule, latest);
        return latest <= until && next !== undefined && next > until;
      }),
      { numRuns: 300 },
    );
  });
});
