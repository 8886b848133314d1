import { HeddleError } from "@heddle/schema";
import { z } from "zod";
import { type RunMode, runQuery } from "./run-answer.ts";

const MAX_DELAY_DAYS = 30;
const MAX_DELAY_MS = MAX_DELAY_DAYS * 24 * 3_600_000;

/** How a caller wants to hear of a run, and when one that nobody waits for is to begin. */
export const queueQuery = runQuery.extend({
  startAt: z.iso.datetime({ offset: true }).optional(),
  delayMs: z.coerce.number().int().min(0).max(MAX_DELAY_MS).optional(),
});

/** When a queued run may begin; undefined for at once. @throws HeddleError invalid_request */
export function startTime({ startAt, delayMs }: z.infer<typeof queueQuery>, mode: RunMode, now: number): Date | undefined {
  if (startAt === undefined && delayMs === undefined) return undefined;
  if (mode !== "async") throw refuse("Only a run that nobody waits for can begin later.", "Add async=1, or leave startAt and delayMs out.");
  if (startAt !== undefined && delayMs !== undefined) throw refuse("startAt and delayMs say the same thing.", "Send one of them.");
  const at = startAt === undefined ? now + (delayMs ?? 0) : Date.parse(startAt);
  if (at - now > MAX_DELAY_MS)
    throw refuse(`A run can begin ${MAX_DELAY_DAYS} days from now at the latest.`, "Use a schedule for what is further away.");
  return at <= now ? undefined : new Date(at);
}

function refuse(message: string, hint: string): HeddleError {
  return new HeddleError("invalid_request", message, { hint });
}
