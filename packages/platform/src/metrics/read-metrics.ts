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
      workspaceId, agentId, dayNames[0], deploymentId ?? NO_DEPLOYMENT,
    ]), // prettier-ignore
  );
  const days = new Map(dayNames.map((day) => [day, { day, completed: 0, failed: 0 }]));
  const latencies = new Map<number, number>();
  const totals = { executions: 0, completed: 0, failed: 0, tokensUsed: 0, costUsd: 0 };
  for (const { day: name, status, executions, tokens, costUsd, latencies: counts } of rows) {
    for (const [bucket, count] of Object.entries(counts)) latencies.set(Number(bucket), (latencies.get(Number(bucket)) ?? 0) + count);
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
  day: string;
  status: string;
  executions: number;
  tokens: number;
  costUsd: number;
  /** Executions by bucket of latency. */
  latencies: Record<string, number>;
}

/** Days that are put together, and the hours since. */
const countsOf = (deployments: string): string => `
SELECT day::text, status, executions::float8, (input_tokens + output_tokens)::float8 AS tokens, cost_usd AS "costUsd", latencies
FROM execution_day_stats WHERE workspace_id = $1 AND agent_id = $2 AND day >= $3::date AND ${deployments}
UNION ALL
SELECT (hour AT TIME ZONE 'UTC')::date::text, status, executions::float8, (input_tokens + output_tokens)::float8, cost_usd,
  jsonb_build_object(bucket, executions)
FROM execution_stats WHERE workspace_id = $1 AND agent_id = $2 AND hour >= $3::date::timestamp AT TIME ZONE 'UTC' AND ${deployments}`;
