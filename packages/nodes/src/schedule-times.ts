import { Cron } from "croner";
import { CRON_MODE } from "./schedule-trigger/definition.ts";

/** The next times of a cron expression in a time zone, as the schedule trigger reads it; undefined where it can't be read. */
export function nextScheduleTimes(
  cron: string,
  { timeZone, count, after }: { timeZone: string | undefined; count: number; after?: Date },
): Date[] | undefined {
  try {
    return new Cron(cron, { mode: CRON_MODE, paused: true, timezone: timeZone ?? "UTC" }).nextRuns(count, after);
  } catch {
    return undefined;
  }
}
