import { createHmac, randomBytes } from "node:crypto";

/** Standard Webhooks asks for 24 to 64. */
const SECRET_BYTES = 32;
const PREFIX = "whsec_";

/** A new secret in the form of Standard Webhooks. */
export function makeWebhookSecret(): string {
  return PREFIX + randomBytes(SECRET_BYTES).toString("base64");
}

/**
 * The headers by which a receiver knows a message: Standard Webhooks, version 1. One signature a secret, so that a
 * receiver that knows any of them is content.
 */
export function signWebhook(message: { id: string; body: string; sentAt: Date }, secrets: readonly string[]): Record<string, string> {
  const timestamp = Math.floor(message.sentAt.getTime() / 1_000);
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(PREFIX.length), "base64");
    return `v1,${createHmac("sha256", key).update(`${message.id}.${timestamp}.${message.body}`).digest("base64")}`;
  });
  return { "webhook-id": message.id, "webhook-timestamp": String(timestamp), "webhook-signature": signatures.join(" ") };
}
