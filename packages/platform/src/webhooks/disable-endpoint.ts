import type { ChangeFeed } from "@heddle/db";
import type { WebhookResource } from "@heddle/schema";
import type { PoolClient } from "pg";
import { updateSubscription } from "./update-subscription.ts";

type Reason = NonNullable<WebhookResource["disabledReason"]>;

export interface DisabledEndpoint {
  workspaceId: string;
  endpointId: string;
  reason: Reason;
  /** Null for the database's clock. */
  at: Date | null;
  changes: ChangeFeed;
}

/**
 * Switches an endpoint off, and gives up on what is pending for it: dead letters are seen, and can be sent once it is back.
 * What is being sent just now may still arrive. The caller has locked the endpoint.
 */
export async function disableEndpoint(
  client: PoolClient,
  { workspaceId, endpointId, reason, at, changes }: DisabledEndpoint,
): Promise<void> {
  await client.query(
    `UPDATE webhook_endpoints SET is_enabled = false, disabled_reason = $2, disabled_at = coalesce($3::timestamptz, now()),
       updated_at = coalesce($3::timestamptz, now()) WHERE id = $1`,
    [endpointId, reason, at],
  );
  await client.query(
    `UPDATE webhook_deliveries SET status = 'DEAD_LETTERED', next_attempt_at = NULL, ended_at = coalesce($3::timestamptz, now()),
       error_code = 'not_configured', error_message = $2
     WHERE endpoint_id = $1 AND next_attempt_at IS NOT NULL AND lease_id IS NULL AND NOT is_test`,
    [endpointId, MESSAGES[reason], at],
  );
  await updateSubscription(client, { workspaceId, changes });
}

const MESSAGES: Record<Reason, string> = {
  person: "The endpoint was switched off.",
  gone: "The endpoint answered that it is gone, and was switched off.",
  failing: "Nothing reached the endpoint for days, and it was switched off.",
};
