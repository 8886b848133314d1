import type { Database } from "@heddle/db";
import type { RunCounts } from "./run-slots.ts";

/** Runs of a workspace that other processes work on, or workers of the queue in whichever process, by agent. */
export async function readOtherRuns(db: Database, workspaceId: string, owner: string): Promise<RunCounts> {
  const { rows } = await db.withWorkspace(workspaceId, (client) =>
    client.query<{ agentId: string; count: number }>(
      `SELECT agent_id AS "agentId", count(*)::int AS count FROM executions
       WHERE workspace_id = heddle_workspace_id() AND status = 'RUNNING' AND (claimed_at IS NOT NULL OR lease_owner <> $1) GROUP BY agent_id`,
      [owner],
    ),
  );
  return new Map(rows.map(({ agentId, count }) => [agentId, count]));
}
