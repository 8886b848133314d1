import type { Database } from "@heddle/db";
import { NO_DEPLOYMENT } from "@heddle/db/stats-statements";
import type { deploymentMetrics } from "@heddle/schema";
import type { z } from "zod";
import { percentileOf } from "./latency-buckets.ts";

export type Metrics = z.infer<typeof deploymentMetrics>;

const DAYS = 30;
const DAY_MS = 24 * 3_600_000;

/**
 * How an agent's runs ended in the last 30 days, today included, in UTC: of one deployment, or of all that was published.
 * Read from what outcomes were counted in, so it costs the same however many there are.
 */
export async function readMetrics(
  db: Database,
  workspaceId: string,
  { agentId, deploymentId }: { agentId: string; deploymentId?: string },
): Promise<Metrics> {
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const dayNames = Array.from({ length: DAYS }, (_, index) => new Date(today - (DAYS - 1 - index) * DAY_MS).toISOString().slice(0, 10));
  const { rows } = await db.withWorkspace(
    workspaceId,
    (client) =>
    client.query<CountRow>(countsOf(deploymentId === undefined ? "deployment_id <> $4" : "deployment_id = $4"), [
      workspaceId, agentId, `${dayNames[0]}T00:00:00Z`, deploymentId ?? NO_DEPLOYMENT,
    ]), // prettier-ignore
  );
  const days = new Map(dayNames.map((day) => [day, { day, completed: 0, failed: 0 }]));
  const latencies = new Map<number, number>();
  const totals = { executions: 0, completed: 0, failed: 0, tokensUsed: 0, costUsd: 0 };
  for (const { bucket, day: name, status, executions, tokens, costUsd } of rows) {
    if (bucket !== null) {
      latencies.set(bucket, executions);
      continue;
    }
    const day = days.get(name);
    totals.executions += executions;
    totals.tokensUsed += tokens;
    totals.costUsd += costUsd;
    if (status === "COMPLETED") {
      totals.completed += executions;
      if (day) day.completed += executions;
    } else if (status === "FAILED") {
      totals.failed += executions;
      if (day) day.failed += executions;
    }
  }
  return { ...totals, latencyP50: percentileOf(latencies, 0.5), latencyP95: percentileOf(latencies, 0.95), daily: [...days.values()] };
}

interface CountRow {
  /** Of a row that counts by latency; null in those that count by day and status. */
  bucket: number | null;
  day: string;
  status: string;
  executions: number;
  tokens: number;
  costUsd: number;
}

const DAY = "(hour AT TIME ZONE 'UTC')::date";
const countsOf = (deployments: string): string => `
SELECT bucket, ${DAY}::text AS day, status, sum(executions)::float8 AS executions,
  sum(input_tokens + output_tokens)::float8 AS tokens, sum(cost_usd) AS "costUsd"
FROM execution_stats WHERE workspace_id = $1 AND agent_id = $2 AND hour >= $3 AND ${deployments}
GROUP BY GROUPING SETS ((bucket), (${DAY}, status))`;
