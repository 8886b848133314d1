import { createHmac, timingSafeEqual } from "node:crypto";
import type { CredentialPort } from "@heddle/node-kit";
import { HeddleError, type AgentNode } from "@heddle/schema";

/** An incoming webhook as it arrived. Header names are lower case. */
export interface IncomingWebhook {
  method: string;
  headers: Record<string, string>;
  query: Record<string, string>;
  /** The body's text, byte for byte: signatures are made over it. */
  text: string;
}

/** How far a sender's clock may be off, s. */
const TOLERANCE_SECONDS = 300;

/**
 * Checks that a webhook comes from whom its trigger trusts. Signatures are those of Standard Webhooks.
 * @returns the id by which the sender names the event, where it is signed, for taking each event once
 * @throws HeddleError method_not_allowed, unauthenticated, not_configured
 */
export async function verifyWebhook(
  webhook: IncomingWebhook,
  trigger: AgentNode,
  credentials: CredentialPort,
  now: number = Date.now(),
): Promise<string | undefined> {
  const { method = "POST", verification = "signature", credential, secretHeader } = trigger.params;
  if (method !== "any" && method !== webhook.method) throw new HeddleError("method_not_allowed", "This webhook takes another method.");
  if (verification === "none") return undefined;
  const secret = await secretOf(credential, credentials);
  if (verification === "secret") {
    const name = typeof secretHeader === "string" && secretHeader !== "" ? secretHeader.toLowerCase() : "x-webhook-secret";
    if (!isSame(webhook.headers[name] ?? "", secret)) throw refused();
    return undefined;
  }
  const id = webhook.headers["webhook-id"] ?? "";
  const timestamp = webhook.headers["webhook-timestamp"] ?? "";
  if (id === "" || id.length > 255 || !/^\d{1,12}$/.test(timestamp)) throw refused();
  if (Math.abs(now / 1_000 - Number(timestamp)) > TOLERANCE_SECONDS) throw refused();
  const expected = createHmac("sha256", signingKey(secret)).update(`${id}.${timestamp}.${webhook.text}`).digest("base64");
  // More than one signature while the sender changes its secret; any may fit.
  const signatures = (webhook.headers["webhook-signature"] ?? "").split(" ").filter((entry) => entry.startsWith("v1,"));
  if (!signatures.some((entry) => isSame(entry.slice(3), expected))) throw refused();
  return id;
}

async function secretOf(credential: unknown, credentials: CredentialPort): Promise<string> {
  const resolved = typeof credential === "string" && credential !== "" ? await credentials.resolve(credential).catch(absent) : undefined;
  const secret = resolved?.type === "webhook-secret" ? resolved.fields["secret"] : undefined;
  if (!secret) throw new HeddleError("not_configured", "This webhook's secret is not set up, so nothing can be accepted.");
  return secret;
}

function absent(error: unknown): undefined {
  if (error instanceof HeddleError && error.code === "not_found") return undefined;
  throw error;
}

/** Standard Webhooks writes keys as `whsec_` and Base64; a secret of another form is used as it is. */
function signingKey(secret: string): Buffer {
  return secret.startsWith("whsec_") ? Buffer.from(secret.slice(6), "base64") : Buffer.from(secret);
}

/** Compares without telling by its time how much of the text was right. */
function isSame(given: string, expected: string): boolean {
  const digest = (text: string) => createHmac("sha256", "compare").update(text).digest();
  return expected !== "" && timingSafeEqual(digest(given), digest(expected));
}

function refused(): HeddleError {
  return new HeddleError("unauthenticated", "The webhook's signature or secret is missing, wrong or too old.");
}
