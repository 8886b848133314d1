import type { Database } from "@heddle/db";
import { reach } from "@heddle/db/checkpoint";
import type { PoolClient } from "pg";
import type { Vault } from "../credentials/vault.ts";
import { recordAttempt } from "./record-attempt.ts";
import { sendAttempt } from "./send-attempt.ts";
import { signWebhook } from "./sign-webhook.ts";
import { openSecrets } from "./webhook-secrets.ts";

export interface DeliveryOptions {
  db: Database;
  vault: Vault;
  /** The guarded way out. */
  fetch: typeof fetch;
  /** Replaces the database's clock, and this machine's in what is sent; for tests. */
  now?: (() => Date) | undefined;
  /** 0…1; for jitter. */
  random?: () => number;
  /** How long a receiver may take, ms. */
  timeoutMs?: number;
  /** How long a process may be silent before others send what it has claimed, ms; 30 s where it is absent. */
  leaseMs?: number | undefined;
}

/** A delivery that was claimed by a lease. */
export interface ClaimedDelivery {
  id: string;
  workspaceId: string;
  leaseId: string;
}

export const DEFAULT_TIMEOUT_MS = 20_000;
const DEFAULT_LEASE_MS = 30_000;

/** How long a claim lasts unless it is renewed, as PostgreSQL takes it. */
export function leaseOf({ leaseMs = DEFAULT_LEASE_MS }: DeliveryOptions): string {
  return `${leaseMs} milliseconds`;
}

/**
 * Sends a claimed delivery once and writes down what came of it. Where the signal aborts, it is given back instead. Its lease
 * is renewed meanwhile: a receiver may take longer than a process that has died is waited for.
 */
export async function performDelivery(options: DeliveryOptions, claimed: ClaimedDelivery, signal: AbortSignal): Promise<void> {
  // A renewal that fails is followed by another, and the result is refused where none came in time.
  const renewing = setInterval(() => void renew(options, claimed).catch(() => undefined), (options.leaseMs ?? DEFAULT_LEASE_MS) / 3);
  try {
    await perform(options, claimed, signal);
  } finally {
    clearInterval(renewing);
  }
}

async function renew(options: DeliveryOptions, { id, workspaceId, leaseId }: ClaimedDelivery): Promise<void> {
  const at = options.now?.() ?? null;
  await options.db.withWorkspace(workspaceId, (client) => client.query(RENEW, [id, leaseId, at, leaseOf(options)]));
}

async function perform(options: DeliveryOptions, claimed: ClaimedDelivery, signal: AbortSignal): Promise<void> {
  const { db, fetch, timeoutMs = DEFAULT_TIMEOUT_MS, now, random = Math.random } = options;
  const at = () => now?.() ?? null;
  const message = await db.withWorkspace(claimed.workspaceId, (client) => load(client, options, claimed));
  if (message === undefined) return;
  const startedAt = now?.() ?? new Date();
  const headers = {
    "content-type": "application/json",
    "user-agent": "Heddle-Webhooks/1",
    ...signWebhook({ id: messageIdOf(message.eventId), body: message.payload, sentAt: startedAt }, message.secrets),
  };
  try {
    const result = await sendAttempt({ fetch, url: message.url, headers, body: message.payload, timeoutMs, signal });
    reach("webhook-sent");
    await db.withWorkspace(
      claimed.workspaceId,
      (client) =>
      recordAttempt(client, {
        ...claimed, endpointId: message.endpointId, headers, startedAt, at: at(), random: random(), result, changes: db.changes,
      }), // prettier-ignore
    );
  } catch (error) {
    if (!signal.aborted) throw error;
    await db.withWorkspace(claimed.workspaceId, (client) => client.query(RELEASE, [claimed.id, claimed.leaseId, at()]));
  }
}

/** The header `webhook-id`: names the event, so it is the same at every attempt. */
export function messageIdOf(eventId: string): string {
  return `msg_${eventId}`;
}

interface Message {
  endpointId: string;
  eventId: string;
  payload: string;
  url: string;
  secrets: string[];
}

/** What is to be sent; undefined where it is no longer ours, or its endpoint was switched off meanwhile. */
async function load(client: PoolClient, { vault, now }: DeliveryOptions, claimed: ClaimedDelivery): Promise<Message | undefined> {
  const at = now?.() ?? null;
  const { rows } = await client.query<Omit<Message, "secrets"> & { isRefused: boolean }>(SELECT, [claimed.id, claimed.leaseId]);
  const [row] = rows;
  if (row === undefined) return undefined;
  const { isRefused, ...message } = row;
  if (isRefused) {
    await client.query(GIVE_UP, [claimed.id, claimed.leaseId, at]);
    return undefined;
  }
  const { endpointId } = message;
  return { ...message, secrets: await openSecrets(vault, { client, workspaceId: claimed.workspaceId, endpointId, at }) };
}

const SELECT = `SELECT d.endpoint_id AS "endpointId", d.event_id AS "eventId", d.payload, e.url, NOT e.is_enabled AND NOT d.is_test AS "isRefused"
  FROM webhook_deliveries d JOIN webhook_endpoints e ON e.workspace_id = d.workspace_id AND e.id = d.endpoint_id
  WHERE d.id = $1 AND d.lease_id = $2`;
const GIVE_UP = `UPDATE webhook_deliveries SET status = 'DEAD_LETTERED', next_attempt_at = NULL, lease_id = NULL,
  ended_at = coalesce($3::timestamptz, now()), error_code = 'not_configured', error_message = 'The endpoint was switched off.'
  WHERE id = $1 AND lease_id = $2`;
const RENEW = `UPDATE webhook_deliveries SET next_attempt_at = coalesce($3::timestamptz, now()) + $4::interval WHERE id = $1 AND lease_id = $2`;
const RELEASE = `UPDATE webhook_deliveries SET next_attempt_at = coalesce($3::timestamptz, now()), lease_id = NULL WHERE id = $1 AND lease_id = $2`;
