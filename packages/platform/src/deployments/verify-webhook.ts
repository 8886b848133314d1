import { createHmac, timingSafeEqual } from "node:crypto";
import type { CredentialPort } from "@heddle/node-kit";
import { HeddleError, isRecord, type AgentNode, type Json } from "@heddle/schema";

/** What signatures are made over, and where they are. Header names are lower case. */
export interface SignedRequest {
  headers: Record<string, string>;
  /** The body, byte for byte. */
  bytes: Uint8Array;
}

/** A request whose sender was checked. */
export interface VerifiedWebhook {
  /** By which the sender names the event, given the body as data, for taking each event once; undefined where it has no name. */
  eventId: (body: Json) => string | undefined;
}

/** How far a sender's clock may be off, s. */
const TOLERANCE_SECONDS = 300;

/**
 * Checks that a webhook comes from whom its trigger trusts.
 * @throws HeddleError unauthenticated, not_configured
 */
export async function verifyWebhook(
  request: SignedRequest,
  trigger: AgentNode,
  credentials: CredentialPort,
  now: number = Date.now(),
): Promise<VerifiedWebhook> {
  const { verification = "signature", credential } = trigger.params;
  if (verification === "none") return ANONYMOUS;
  const check = typeof verification === "string" && Object.hasOwn(SCHEMES, verification) ? SCHEMES[verification] : undefined;
  // An unknown way of checking is none that anybody has passed.
  if (check === undefined) throw refused();
  return check({ ...request, secret: await webhookSecret(credential, credentials), params: trigger.params, now });
}

interface Check extends SignedRequest {
  secret: string;
  params: AgentNode["params"];
  /** ms since the epoch */
  now: number;
}

const ANONYMOUS: VerifiedWebhook = { eventId: () => undefined };

const SCHEMES: Readonly<Record<string, (check: Check) => VerifiedWebhook>> = {
  secret: ({ headers, secret, params }) => {
    if (!isSameText(headers[headerName(params["secretHeader"], "x-webhook-secret")] ?? "", secret)) throw refused();
    return ANONYMOUS;
  },

  /** https://www.standardwebhooks.com */
  signature: ({ headers, bytes, secret, now }) => {
    const id = headers["webhook-id"] ?? "";
    const timestamp = headers["webhook-timestamp"] ?? "";
    if (id === "" || id.length > 255) throw refused();
    refuseStale(timestamp, now);
    const key = secret.startsWith("whsec_") ? Buffer.from(secret.slice(6), "base64") : secret;
    const expected = sign(key, [`${id}.${timestamp}.`, bytes], "base64");
    // More than one signature while the sender changes its secret; any may fit.
    const given = (headers["webhook-signature"] ?? "").split(" ").filter((entry) => entry.startsWith("v1,"));
    refuseUnlessAny(given.map((entry) => entry.slice(3)), expected); // prettier-ignore
    return { eventId: () => id };
  },

  /** https://docs.github.com/webhooks: the signature covers the body alone, and the delivery's id is not in it. */
  github: ({ headers, bytes, secret }) => {
    const signature = headers["x-hub-signature-256"] ?? "";
    refuseUnlessAny([signature.toLowerCase()], `sha256=${sign(secret, [bytes], "hex")}`);
    return { eventId: () => headers["x-github-delivery"] ?? signature };
  },

  /** https://docs.stripe.com/webhooks: `t=…,v1=…`; the whole secret is the key, its prefix too. */
  stripe: ({ headers, bytes, secret, now }) => {
    const header = headers["stripe-signature"] ?? "";
    const parts = header.split(",").map((part) => part.trim());
    const valuesOf = (name: string) => parts.filter((part) => part.startsWith(`${name}=`)).map((part) => part.slice(name.length + 1));
    const timestamp = valuesOf("t")[0] ?? "";
    refuseStale(timestamp, now);
    refuseUnlessAny(valuesOf("v1"), sign(secret, [`${timestamp}.`, bytes], "hex"));
    return { eventId: (body) => textField(body, "id") ?? header };
  },

  /** https://api.slack.com/authentication/verifying-requests-from-slack. A repeated event keeps its event_id. */
  slack: ({ headers, bytes, secret, now }) => {
    const timestamp = headers["x-slack-request-timestamp"] ?? "";
    const signature = headers["x-slack-signature"] ?? "";
    refuseStale(timestamp, now);
    refuseUnlessAny([signature], `v0=${sign(secret, [`v0:${timestamp}:`, bytes], "hex")}`);
    return { eventId: (body) => textField(body, "event_id") ?? textField(body, "trigger_id") ?? signature };
  },

  hmac: ({ headers, bytes, secret, params }) => {
    const { signatureHeader, signaturePrefix, signatureEncoding } = params;
    const prefix = typeof signaturePrefix === "string" ? signaturePrefix : "";
    const encoding = signatureEncoding === "base64" ? "base64" : "hex";
    const given = headers[headerName(signatureHeader, "x-signature")] ?? "";
    if (!given.startsWith(prefix)) throw refused();
    const signature = given.slice(prefix.length);
    refuseUnlessAny([encoding === "hex" ? signature.toLowerCase() : signature], sign(secret, [bytes], encoding));
    return ANONYMOUS;
  },
};

/** Headers that prove the sender, or could: they must not end up in executions and traces. */
export function secretHeaders({ params }: AgentNode): ReadonlySet<string> {
  return new Set([
    "authorization", "proxy-authorization", "cookie", "webhook-signature", "x-hub-signature", "x-hub-signature-256", "stripe-signature",
    "x-slack-signature", headerName(params["secretHeader"], "x-webhook-secret"), headerName(params["signatureHeader"], "x-signature"),
  ]); // prettier-ignore
}

/** The secret that a trigger and its sender share. @throws HeddleError not_configured */
export async function webhookSecret(credential: unknown, credentials: CredentialPort): Promise<string> {
  const resolved = typeof credential === "string" && credential !== "" ? await credentials.resolve(credential).catch(absent) : undefined;
  const secret = resolved?.type === "webhook-secret" ? resolved.fields["secret"] : undefined;
  if (!secret) throw new HeddleError("not_configured", "This webhook's secret is not set up, so nothing can be accepted.");
  return secret;
}

function absent(error: unknown): undefined {
  if (error instanceof HeddleError && error.code === "not_found") return undefined;
  throw error;
}

/** Compares without telling by its time how much of the text was right. */
export function isSameText(given: string, expected: string): boolean {
  const digest = (text: string) => createHmac("sha256", "compare").update(text).digest();
  return expected !== "" && timingSafeEqual(digest(given), digest(expected));
}

function sign(key: string | Buffer, parts: (string | Uint8Array)[], encoding: "hex" | "base64"): string {
  const hmac = createHmac("sha256", key);
  for (const part of parts) hmac.update(part);
  return hmac.digest(encoding);
}

function refuseStale(timestamp: string, now: number): void {
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(now / 1_000 - Number(timestamp)) > TOLERANCE_SECONDS) throw refused();
}

function refuseUnlessAny(given: string[], expected: string): void {
  if (!given.some((signature) => isSameText(signature, expected))) throw refused();
}

function headerName(chosen: unknown, fallback: string): string {
  return typeof chosen === "string" && chosen !== "" ? chosen.toLowerCase() : fallback;
}

function textField(body: Json, name: string): string | undefined {
  const value = isRecord(body) ? body[name] : undefined;
  return typeof value === "string" && value !== "" ? value : undefined;
}

function refused(): HeddleError {
  return new HeddleError("unauthenticated", "The webhook's signature or secret is missing, wrong or too old.");
}
