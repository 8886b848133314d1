import { z } from "zod";
import { json, jsonSchema } from "./json.ts";

const id = z.string().min(1).max(64);
const time = z.iso.datetime();

/** Something that a suspended run waits for. */
export const waitResource = z.object({
  executionId: id,
  /** The waiting step; with the execution's id it names the wait. */
  key: z.string(),
  agentId: id,
  agentName: z.string().nullable(),
  nodeId: z.string(),
  kind: z.enum(["time", "webhook", "approval"]),
  createdAt: time,
  /** When it ends by itself; null for never. */
  dueAt: time.nullable(),
  /** Of an approval: what is to be decided. */
  title: z.string().optional(),
  message: z.string().optional(),
  /** What whoever decides may fill in. */
  form: jsonSchema.optional(),
  /** Of a request: the one-time address that it is waited for at. */
  url: z.string().optional(),
});
export type WaitResource = z.infer<typeof waitResource>;

/** What a person decides. */
export const waitDecision = z
  .object({
    key: z.string().min(1).max(500),
    decision: z.enum(["approve", "reject"]),
    /** The form's fields. */
    values: z.record(z.string(), json).default({}),
  })
  .strict();
export type WaitDecision = z.infer<typeof waitDecision>;
