import { Cron } from "croner";

/** A cron expression of five fields, or six with seconds in front, read in an IANA time zone. */
export interface CronSchedule {
  cron: string;
  timeZone: string;
}

/**
 * The first tick after a moment; undefined where none comes any more, as on 30 February.
 *
 * Where clocks change: a time of day that is skipped fires once, at the end of the gap, and one that comes twice fires
 * the first time only. Patterns with `*` or steps in their minutes or hours go on by elapsed time through both.
 * @throws where the expression or the time zone can't be read
 */
export function nextTick(schedule: CronSchedule, after: Date): Date | undefined {
  return clockOf(schedule).nextRun(after) ?? undefined;
}

/** The last tick up to a moment, that moment included. */
export function latestTick(schedule: CronSchedule, until: Date): Date | undefined {
  // The reference is exclusive and read in whole seconds.
  const candidates = clockOf(schedule).previousRuns(2, new Date(until.getTime() + 1_000));
  return candidates.find((tick) => tick.getTime() <= until.getTime());
}

/** The next ticks after a moment, soonest first. */
export function upcomingTicks(schedule: CronSchedule, after: Date, count: number): Date[] {
  return clockOf(schedule).nextRuns(count, after);
}

/** Lists and ranges of hours are times of day too: `30 2,14 * * *` fires twice a day, also where clocks change. */
function clockOf({ cron, timeZone }: CronSchedule): Cron {
  return new Cron(cron, { timezone: timeZone, paused: true, mode: "5-or-6-parts", fixedTimeRule: "no-wildcard" });
}
