import { defineHandler } from "@heddle/node-kit";
import { isRecord, type Json } from "@heddle/schema";
import { jsonValue } from "../json-value.ts";
import { scheduleTrigger } from "./definition.ts";

/** The scheduler says when the run was due; a run that a person starts by hand is due now. */
export const handler = defineHandler(scheduleTrigger, {
  run({ input, params, run }) {
    const given: Record<string, unknown> = isRecord(input) ? input : {};
    const startedAt = new Date(run.startedAt).toISOString();
    const time = (name: string, fallback: string): string => (typeof given[name] === "string" ? given[name] : fallback);
    const firedAt = time("firedAt", startedAt);
    const output: Json = {
      scheduledAt: time("scheduledAt", firedAt),
      firedAt,
      timezone: params.timeZone ?? "UTC",
      cron: params.cron,
      data: Object.hasOwn(given, "data") ? jsonValue(given["data"]) : jsonValue(params.data),
    };
    return { output };
  },
});
