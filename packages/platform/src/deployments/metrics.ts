import type { Database } from "@heddle/db";
import type { deploymentMetrics } from "@heddle/schema";
import type { z } from "zod";

export type DeploymentMetrics = z.infer<typeof deploymentMetrics>;

/** Counts of one deployment's executions, from the last 30 days. */
export async function readMetrics(db: Database, workspaceId: string, deploymentId: string): Promise<DeploymentMetrics> {
  return await db.withWorkspace(workspaceId, async (client) => {
    const values = [workspaceId, deploymentId];
    const totals = await client.query<Totals>(TOTALS, values);
    const daily = await client.query<{ day: string; completed: number; failed: number }>(DAILY, values);
    const row = totals.rows[0];
    return {
      executions: row?.executions ?? 0,
      completed: row?.completed ?? 0,
      failed: row?.failed ?? 0,
      tokensUsed: Number(row?.tokensUsed ?? 0),
      costUsd: row?.costUsd ?? 0,
      latencyP50: row?.latencyP50 ?? null,
      latencyP95: row?.latencyP95 ?? null,
      daily: daily.rows,
    };
  });
}

interface Totals {
  executions: number;
  completed: number;
  failed: number;
  tokensUsed: string | null;
  costUsd: number | null;
  latencyP50: number | null;
  latencyP95: number | null;
}

// The bound on the id lets PostgreSQL skip the partitions of other months.
const RECENT = "workspace_id = $1 AND deployment_id = $2 AND id >= heddle_uuid_at(date_trunc('day', now()) - interval '29 days')";
const TOTALS = `SELECT count(*)::int AS executions,
  count(*) FILTER (WHERE status = 'COMPLETED')::int AS completed,
  count(*) FILTER (WHERE status = 'FAILED')::int AS failed,
  sum(tokens_used) AS "tokensUsed", sum(cost_usd) AS "costUsd",
  percentile_cont(0.5) WITHIN GROUP (ORDER BY latency) AS "latencyP50",
  percentile_cont(0.95) WITHIN GROUP (ORDER BY latency) AS "latencyP95"
  FROM executions WHERE ${RECENT}`;
const DAILY = `SELECT to_char(days.day, 'YYYY-MM-DD') AS day,
  count(e.id) FILTER (WHERE e.status = 'COMPLETED')::int AS completed,
  count(e.id) FILTER (WHERE e.status = 'FAILED')::int AS failed
  FROM generate_series(date_trunc('day', now()) - interval '29 days', date_trunc('day', now()), interval '1 day') AS days (day)
  LEFT JOIN executions e ON e.workspace_id = $1 AND e.deployment_id = $2
    AND e.id >= heddle_uuid_at(date_trunc('day', now()) - interval '29 days')
    AND e.started_at >= days.day AND e.started_at < days.day + interval '1 day'
  GROUP BY days.day ORDER BY days.day`;
