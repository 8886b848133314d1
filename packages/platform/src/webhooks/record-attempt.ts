import type { ChangeFeed } from "@heddle/db";
import type { PoolClient } from "pg";
import { waitAfter } from "./retry-schedule.ts";
import type { AttemptResult } from "./send-attempt.ts";
import { disableEndpoint } from "./disable-endpoint.ts";

/** An attempt that was made under a lease. */
export interface MadeAttempt {
  /** The delivery. */
  id: string;
  workspaceId: string;
  leaseId: string;
  endpointId: string;
  headers: Record<string, string>;
  startedAt: Date;
  /** Null for the database's clock. */
  at: Date | null;
  /** 0…1 */
  random: number;
  result: AttemptResult;
  changes: ChangeFeed;
}

/** An endpoint that nothing has reached for so long is switched off when the next delivery gives up. */
export const FAILING_DAYS = 5;

/** Writes an attempt and what follows from it, in the caller's transaction. Under a lost lease it writes nothing. */
export async function recordAttempt(client: PoolClient, attempt: MadeAttempt): Promise<void> {
  const { id, leaseId, endpointId, at, result } = attempt;
  // The endpoint first, always: whoever switches it off touches its deliveries next.
  const { rows: endpoints } = await client.query<EndpointRow>(LOCK_ENDPOINT, [endpointId, at]);
  const { rows } = await client.query<DeliveryRow>(LOCK_DELIVERY, [id, leaseId]);
  const [[endpoint], [delivery]] = [endpoints, rows];
  if (endpoint === undefined || delivery === undefined) return;
  await client.query(INSERT_ATTEMPT, [
    attempt.workspaceId, id, delivery.attempts + 1, attempt.startedAt, result.durationMs, JSON.stringify(withoutSignatures(attempt.headers)),
    result.responseStatus, result.responseHeaders === null ? null : JSON.stringify(result.responseHeaders), result.responseBody,
    result.isBodyCut, result.error?.code ?? null, result.error?.message ?? null,
  ]); // prettier-ignore

  const isGone = result.responseStatus === 410;
  const waitMs =
    result.error === null || isGone || delivery.isTest
      ? undefined
      : waitAfter(delivery.roundAttempts + 1, {
          random: attempt.random,
          ...(result.retryAfterMs === undefined ? {} : { retryAfterMs: result.retryAfterMs }),
        });
  const status = result.error === null ? "DELIVERED" : waitMs !== undefined ? "PENDING" : delivery.isTest ? "FAILED" : "DEAD_LETTERED";
  await client.query(UPDATE_DELIVERY, [
    id, status, at, waitMs ?? null, result.responseStatus, result.error?.code ?? null, result.error?.message ?? null,
  ]); // prettier-ignore

  // A test says nothing about the endpoint: it may have been made to see how it fails.
  if (delivery.isTest) return;
  if (result.error === null) {
    if (endpoint.isFailing) await client.query("UPDATE webhook_endpoints SET failing_since = NULL WHERE id = $1", [endpointId]);
    return;
  }
  if (!endpoint.isFailing)
    await client.query("UPDATE webhook_endpoints SET failing_since = coalesce($2::timestamptz, now()) WHERE id = $1", [endpointId, at]);
  if (!endpoint.isEnabled) return;
  const reason = isGone ? "gone" : status === "DEAD_LETTERED" && endpoint.isFailingLong ? "failing" : undefined;
  if (reason !== undefined) await disableEndpoint(client, { ...attempt, reason });
}

interface EndpointRow {
  isEnabled: boolean;
  isFailing: boolean;
  isFailingLong: boolean;
}
interface DeliveryRow {
  attempts: number;
  roundAttempts: number;
  isTest: boolean;
}

const LOCK_ENDPOINT = `SELECT is_enabled AS "isEnabled", failing_since IS NOT NULL AS "isFailing",
  coalesce(failing_since <= coalesce($2::timestamptz, now()) - interval '${FAILING_DAYS} days', false) AS "isFailingLong"
  FROM webhook_endpoints WHERE id = $1 FOR NO KEY UPDATE`;
const LOCK_DELIVERY = `SELECT attempts, round_attempts AS "roundAttempts", is_test AS "isTest"
  FROM webhook_deliveries WHERE id = $1 AND lease_id = $2 FOR NO KEY UPDATE`;
const INSERT_ATTEMPT = `INSERT INTO webhook_attempts (workspace_id, delivery_id, number, started_at, duration_ms, request_headers,
  response_status, response_headers, response_body, is_body_cut, error_code, error_message)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`;
const UPDATE_DELIVERY = `UPDATE webhook_deliveries SET status = $2::text, lease_id = NULL,
  attempts = attempts + 1, round_attempts = round_attempts + 1,
  next_attempt_at = coalesce($3::timestamptz, now()) + $4::float8 * interval '1 millisecond',
  ended_at = CASE WHEN $2::text = 'PENDING' THEN NULL ELSE coalesce($3::timestamptz, now()) END,
  response_status = $5, error_code = $6, error_message = $7
  WHERE id = $1`;

/** Whoever may read the log need not be able to send what was sent. */
function withoutSignatures(headers: Record<string, string>): Record<string, string> {
  const signatures = headers["webhook-signature"]
    ?.split(" ")
    .map(() => "v1,…")
    .join(" ");
  return signatures === undefined ? headers : { ...headers, "webhook-signature": signatures };
}
