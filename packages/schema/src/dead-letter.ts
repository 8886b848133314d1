import { z } from "zod";
import { ERROR_CODES, type ErrorCode } from "./error.ts";
import { json } from "./json.ts";

const codes = Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]];

/** A run that failed for good and that nobody waited for, kept for 14 days. */
export const deadLetter = z.object({
  /** Of the execution. */
  id: z.uuid(),
  agentId: z.uuid(),
  agentName: z.string().optional(),
  deploymentId: z.uuid().nullable(),
  trigger: z.string(),
  input: json,
  error: z.object({ code: z.enum(codes), message: z.string(), hint: z.string().optional(), nodeId: z.string().optional() }),
  attempts: z.number().int(),
  diedAt: z.iso.datetime(),
  /** When it is removed. */
  expiresAt: z.iso.datetime(),
  /** The execution that tries it again; null for one that lies here. */
  redrivenAs: z.uuid().nullable(),
  redrivenAt: z.iso.datetime().nullable(),
});
export type DeadLetter = z.infer<typeof deadLetter>;

/** Whether letters lie here or were redriven. */
export const deadLetterState = z.enum(["open", "redriven"]);
export type DeadLetterState = z.infer<typeof deadLetterState>;

/** What redriving several letters did. */
export const deadLettersRedriven = z.object({
  redriven: z.number().int(),
  /** Letters that can't be tried again now, because their deployment is switched off or gone. */
  refused: z.number().int(),
  /** Letters that are left for another call. */
  remaining: z.number().int(),
  /** Where that call goes on; null where none is left. It passes those by that were refused. */
  nextCursor: z.string().nullable(),
});
export type DeadLettersRedriven = z.infer<typeof deadLettersRedriven>;
