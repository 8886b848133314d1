import { z } from "zod";

const id = z.string().min(1).max(64);
const time = z.iso.datetime();

/** A clock that starts a deployed agent. */
export const scheduleResource = z.object({
  id,
  agentId: id,
  agentName: z.string().optional(),
  deploymentId: id,
  /** The schedule trigger in the deployed document. */
  nodeId: z.string(),
  cron: z.string(),
  /** IANA name, in whose wall time the expression is read. */
  timeZone: z.string(),
  isPaused: z.boolean(),
  /** The next ticks, soonest first; empty while it is paused or its deployment is switched off. */
  upcoming: z.array(time),
  /** The last tick that started a run. */
  lastFireAt: time.nullable(),
  lastExecutionId: id.nullable(),
});
export type ScheduleResource = z.infer<typeof scheduleResource>;
export const scheduleUpdate = z.object({ isPaused: z.boolean() }).strict();

/** Where another service sends its events to. */
export const webhookAddress = z.object({
  /** The webhook trigger in the deployed document. */
  nodeId: z.string(),
  name: z.string(),
  url: z.string(),
  methods: z.array(z.string()),
  /** How its sender proves itself, as in the trigger's settings. */
  verification: z.string(),
});
export type WebhookAddress = z.infer<typeof webhookAddress>;
