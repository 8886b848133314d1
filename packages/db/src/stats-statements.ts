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

/**
 * Puts the counts of hours that are over together by days, and forgets days before the last `keptDays`. An hour is left
 * alone for some minutes, for outcomes that are being written. @returns how many rows of hours there were
 */
export async function foldStats(pool: Pool, keptDays: number): Promise<number> {
  const { rows } = await pool.query<{ hours: number }>({ text: FOLD, values: [keptDays] });
  return rows[0]?.hours ?? 0;
}

const FOLD = `
WITH hours AS (
  DELETE FROM execution_stats WHERE hour < date_trunc('hour', now() - interval '5 minutes', 'UTC') RETURNING *
), buckets AS (
  SELECT workspace_id, agent_id, deployment_id, (hour AT TIME ZONE 'UTC')::date AS day, status, bucket, sum(executions) AS executions,
    sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens, sum(cost_usd) AS cost_usd
  FROM hours GROUP BY 1, 2, 3, 4, 5, 6
), days AS (
  INSERT INTO execution_day_stats AS d
    (workspace_id, agent_id, deployment_id, day, status, executions, input_tokens, output_tokens, cost_usd, latencies)
  SELECT workspace_id, agent_id, deployment_id, day, status, sum(executions), sum(input_tokens), sum(output_tokens), sum(cost_usd),
    jsonb_object_agg(bucket, executions)
  FROM buckets GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
  ON CONFLICT (workspace_id, agent_id, deployment_id, day, status) DO UPDATE SET
    executions = d.executions + excluded.executions, input_tokens = d.input_tokens + excluded.input_tokens,
    output_tokens = d.output_tokens + excluded.output_tokens, cost_usd = d.cost_usd + excluded.cost_usd,
    latencies = (
      SELECT jsonb_object_agg(bucket, executions) FROM (
        SELECT key AS bucket, sum(value::bigint) AS executions
        FROM (SELECT * FROM jsonb_each_text(d.latencies) UNION ALL SELECT * FROM jsonb_each_text(excluded.latencies)) AS both_parts
        GROUP BY key
      ) AS added
    )
), old AS (
  DELETE FROM execution_day_stats WHERE day < (now() AT TIME ZONE 'UTC')::date - $1::int
)
SELECT count(*)::int AS hours FROM hours`;
