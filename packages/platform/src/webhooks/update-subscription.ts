import type { ChangeFeed } from "@heddle/db";
import type { PoolClient } from "pg";

/** The name under which webhooks hear of executions. */
export const WEBHOOK_CONSUMER = "webhooks";

/**
 * Says which events the workspace's endpoints wait for, in the transaction that changed them: events of executions are
 * written down only where somebody waits.
 */
export async function updateSubscription(
  client: PoolClient,
  { workspaceId, changes }: { workspaceId: string; changes: ChangeFeed },
): Promise<void> {
  await client.query("DELETE FROM execution_subscribers WHERE workspace_id = $1 AND consumer = $2", [workspaceId, WEBHOOK_CONSUMER]);
  await client.query(
    // A run that is given up has failed: its letter is found when that is told.
    `INSERT INTO execution_subscribers (workspace_id, consumer, events)
     SELECT e.workspace_id, $2, array_agg(DISTINCT CASE event WHEN 'execution.dead_lettered' THEN 'execution.failed' ELSE event END)
     FROM webhook_endpoints e CROSS JOIN LATERAL unnest(e.events) AS event
     WHERE e.workspace_id = $1 AND e.is_enabled GROUP BY e.workspace_id`,
    [workspaceId, WEBHOOK_CONSUMER],
  );
  await changes.publish({ kind: "subscriber", id: WEBHOOK_CONSUMER, workspaceId }, client);
}
