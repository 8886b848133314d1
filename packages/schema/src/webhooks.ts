import { z } from "zod";

const id = z.uuid();
const time = z.iso.datetime();

/** What Heddle tells of by webhook. */
export const webhookEvent = z.enum([
  "execution.completed",
  "execution.failed",
  "execution.cancelled",
  "execution.waiting",
  "execution.dead_lettered",
]);
export type WebhookEvent = z.infer<typeof webhookEvent>;

/** The type of the message that "send a test" sends. No endpoint subscribes to it. */
export const WEBHOOK_TEST = "webhook.test";

export const webhookResource = z.object({
  id,
  /** Without the values of its query for those who may not change it. */
  url: z.string(),
  description: z.string(),
  events: z.array(webhookEvent),
  /** Only events of these agents; all where it is empty. */
  agentIds: z.array(id),
  isEnabled: z.boolean(),
  /** Why it is off, for people; null while it is on. */
  disabledReason: z.enum(["person", "gone", "failing"]).nullable(),
  disabledAt: time.nullable(),
  /** When it failed first since its last success. */
  failingSince: time.nullable(),
  createdAt: time,
  updatedAt: time,
});
export type WebhookResource = z.infer<typeof webhookResource>;

export const webhookCreate = z
  .object({
    url: z.string().trim().min(1).max(2_048),
    description: z.string().trim().max(200).optional(),
    events: z.array(webhookEvent).min(1),
    agentIds: z.array(id).max(100).optional(),
    isEnabled: z.boolean().optional(),
  })
  .strict();
export const webhookUpdate = webhookCreate.partial();

/** An endpoint with the secret that signs what is sent to it. */
export const webhookCreated = webhookResource.extend({ secret: z.string() });
export const webhookSecret = z.object({
  /** `whsec_` and 32 random bytes in Base64. */
  secret: z.string(),
  createdAt: time,
  /** Secrets before it that still sign beside it, and until when. */
  previous: z.array(z.object({ createdAt: time, expiresAt: time })),
});
export type WebhookSecret = z.infer<typeof webhookSecret>;
export const webhookSecretRotation = z
  .object({
    /** Whether the secrets before it sign no more from now on: for one that has leaked. Otherwise they sign for another 24 h. */
    endsPrevious: z.boolean().optional(),
  })
  .strict();

export const webhookDeliveryStatus = z.enum(["PENDING", "DELIVERED", "FAILED", "DEAD_LETTERED"]);
export type WebhookDeliveryStatus = z.infer<typeof webhookDeliveryStatus>;

/** One event for one endpoint. */
export const webhookDelivery = z.object({
  id,
  webhookId: id,
  /** The header `webhook-id`: the same at every attempt. */
  messageId: z.string(),
  /** One of the events, or `webhook.test`. */
  event: z.string(),
  executionId: id.nullable(),
  agentId: id.nullable(),
  isTest: z.boolean(),
  /** FAILED is a test that failed: tests are tried once. DEAD_LETTERED gave up, and can be sent anew. */
  status: webhookDeliveryStatus,
  attempts: z.number().int(),
  /** Null once it has ended. */
  nextAttemptAt: time.nullable(),
  /** Of the last attempt; null where no answer came. */
  responseStatus: z.number().int().nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  createdAt: time,
  endedAt: time.nullable(),
});
export type WebhookDelivery = z.infer<typeof webhookDelivery>;

export const webhookAttempt = z.object({
  number: z.number().int(),
  startedAt: time,
  /** ms */
  duration: z.number().int(),
  /** Signatures are left out. */
  requestHeaders: z.record(z.string(), z.string()),
  responseStatus: z.number().int().nullable(),
  responseHeaders: z.record(z.string(), z.string()).nullable(),
  /** The first 4 KiB. */
  responseBody: z.string().nullable(),
  /** Whether the answer went on. */
  isBodyCut: z.boolean(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
});
export type WebhookAttempt = z.infer<typeof webhookAttempt>;

export const webhookDeliveryDetail = webhookDelivery.extend({
  url: z.string(),
  /** The body as it is sent. */
  requestBody: z.string(),
  /** Oldest first. */
  log: z.array(webhookAttempt),
});
export type WebhookDeliveryDetail = z.infer<typeof webhookDeliveryDetail>;

export const webhookDeliveryFilter = z.object({ status: webhookDeliveryStatus.optional(), event: z.string().max(64).optional() });
export const webhookRedrive = z.object({ since: time }).strict();
export const webhookRedriven = z.object({
  /** Dead letters that are pending again. */
  redriven: z.number().int(),
});
