import { Cron } from "croner";
import { defineNode } from "@heddle/node-kit";
import { z } from "zod";
import { cardLine, shown } from "../card-line.ts";
import { anything, objectSchema, text } from "../output-schemas.ts";
import { jsonField, optionalTextField, textField } from "../param-fields.ts";

/** How schedules are read everywhere: five fields, or six with seconds in front. */
export const CRON_MODE = "5-or-6-parts";

/** Starts runs by the clock. */
export const scheduleTrigger = defineNode({
  type: "schedule-trigger",
  name: "Schedule",
  category: "trigger",
  icon: "calendar-clock",
  summary: "Starts at set times.",
  docs: `Starts a run at set times, written as a cron expression in a time zone. The schedule begins when the agent is deployed.

**When to use it.** For reports every morning, checks every few minutes, reminders on weekdays.

**Cron.** Five fields: minute, hour, day of month, month, day of week. \`0 9 * * 1-5\` is nine o'clock from Monday to Friday, \`*/15 * * * *\` every quarter of an hour, \`0 0 1 * *\` midnight on the first of each month. A sixth field in front counts seconds.

**Daylight saving.** A time that is skipped when clocks go forward fires once, at the end of the gap; one that comes twice fires the first time only.

**Each tick once.** However many servers run, and even if one fails, a tick starts one run. Ticks that passed while nothing ran are not made up one by one: the last of them is.

**Example.** \`{{ input.scheduledAt }}\` is the time that the run was due, \`2026-03-29T07:00:00.000Z\`; \`{{ input.data.region }}\` is what you wrote into *Data*.

**Output.** \`scheduledAt\` and \`firedAt\` (ISO 8601, UTC), \`timezone\`, \`cron\`, \`data\`.

**Errors.** None of its own: a schedule that can't be read is refused when you deploy.`,
  params: z
    .object({
      cron: textField({
        label: "When",
        help: "Minute, hour, day of month, month, day of week.",
        placeholder: "0 9 * * 1-5",
        control: "cron",
        expressions: "literal",
      }),
      timeZone: optionalTextField({
        label: "Time zone",
        help: "Left empty: UTC.",
        placeholder: "Europe/Berlin",
        control: "timeZone",
        expressions: "literal",
      }),
      data: jsonField({ label: "Data", help: "Handed to each run as input.data.", expressions: "literal", rows: 3, isAdvanced: true }),
    })
    .superRefine(({ cron, timeZone }, context) => {
      const isZoneKnown = isTimeZone(timeZone);
      if (!isZoneKnown)
        context.addIssue({ code: "custom", path: ["timeZone"], message: "use the name of a time zone, for example Europe/Berlin" });
      const fault = cronFault(cron, isZoneKnown ? timeZone : undefined);
      if (fault !== undefined) context.addIssue({ code: "custom", path: ["cron"], message: fault });
    }),
  describe: ({ cron, timeZone }) => cardLine(shown(cron), shown(timeZone, "UTC")),
  output: () => objectSchema({ scheduledAt: text, firedAt: text, timezone: text, cron: text, data: anything }),
});

function isTimeZone(name: string | undefined): boolean {
  if (name === undefined) return true;
  try {
    // Offsets such as +02:00 are no zones: they know no daylight saving.
    return !/^[+-]/.test(name) && new Intl.DateTimeFormat("en", { timeZone: name }) instanceof Intl.DateTimeFormat;
  } catch {
    return false;
  }
}

/** What is wrong with a cron expression, as the end of a sentence. */
function cronFault(cron: string, timeZone: string | undefined): string | undefined {
  try {
    const clock = new Cron(cron, { mode: CRON_MODE, paused: true, timezone: timeZone ?? "UTC" });
    return clock.nextRun() === null ? "it never comes: choose a day that exists" : undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^CronPattern:\s*/, "") : "it can't be read";
    return `${reason.charAt(0).toLowerCase()}${reason.slice(1).replace(/\.$/, "")}; use five fields, for example 0 9 * * 1-5`;
  }
}
