import type { Pool } from "pg";

/** Stands for no deployment, where a key can hold no null. */
export const NO_DEPLOYMENT = "00000000-0000-0000-0000-000000000000";

/**
 * SQL that counts outcomes in execution_stats, in the statement that writes them. Batches at once need different slots;
 * within one, rows are taken in the order of their key, so that two never wait for each other in a circle.
 */
export function countOutcomes(outcomes: string, slot: string): string {
  return `INSERT INTO execution_stats AS s
    (workspace_id, agent_id, deployment_id, hour, slot, status, bucket, executions, input_tokens, output_tokens, cost_usd)
  SELECT workspace_id, agent_id, coalesce(deployment_id, '${NO_DEPLOYMENT}'), date_trunc('hour', now(), 'UTC'), ${slot}::smallint, status,
    heddle_latency_bucket(latency), count(*), sum(input_tokens), sum(output_tokens), coalesce(sum(cost_usd), 0)
  FROM ${outcomes} GROUP BY 1, 2, 3, 6, 7 ORDER BY 1, 2, 3, 6, 7
  ON CONFLICT (workspace_id, agent_id, deployment_id, hour, slot, status, bucket) DO UPDATE SET
    executions = s.executions + excluded.executions, input_tokens = s.input_tokens + excluded.input_tokens,
    output_tokens = s.output_tokens + excluded.output_tokens, cost_usd = s.cost_usd + excluded.cost_usd`;
}

/** The slot of rows that hold whole days. */
const DAY_SLOT = -1;

/**
 * Puts the hours of days that are over together, and forgets what is older than `keptDays`. An hour longer than a day is
 * waited, for outcomes that are being written. @returns how many rows there are fewer
 */
export async function foldStats(pool: Pool, keptDays: number): Promise<number> {
  const { rows } = await pool.query<{ fewer: number }>({ text: FOLD, values: [keptDays] });
  return rows[0]?.fewer ?? 0;
}

const FOLD = `
WITH hours AS (
  DELETE FROM execution_stats WHERE slot <> ${DAY_SLOT} AND hour < date_trunc('day', now() - interval '1 hour', 'UTC') RETURNING *
), days AS (
  INSERT INTO execution_stats AS s
    (workspace_id, agent_id, deployment_id, hour, slot, status, bucket, executions, input_tokens, output_tokens, cost_usd)
  SELECT workspace_id, agent_id, deployment_id, date_trunc('day', hour, 'UTC'), ${DAY_SLOT}, status, bucket,
    sum(executions), sum(input_tokens), sum(output_tokens), sum(cost_usd)
  FROM hours GROUP BY 1, 2, 3, 4, 6, 7
  ON CONFLICT (workspace_id, agent_id, deployment_id, hour, slot, status, bucket) DO UPDATE SET
    executions = s.executions + excluded.executions, input_tokens = s.input_tokens + excluded.input_tokens,
    output_tokens = s.output_tokens + excluded.output_tokens, cost_usd = s.cost_usd + excluded.cost_usd
  RETURNING 1
), old AS (
  DELETE FROM execution_stats WHERE slot = ${DAY_SLOT} AND hour < date_trunc('day', now(), 'UTC') - make_interval(days => $1) RETURNING 1
)
SELECT ((SELECT count(*) FROM hours) - (SELECT count(*) FROM days) + (SELECT count(*) FROM old))::int AS fewer`;
