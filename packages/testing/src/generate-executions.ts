import type { DatabaseUrls } from "@heddle/db";
import { Client } from "pg";

export interface GrowthAgent {
  id: string;
  deploymentId: string;
}

export interface GrowthRequest {
  workspaceId: string;
  agents: GrowthAgent[];
  rows: number;
}

/** Months that the executions are spread over, the last of them the one that goes on. */
const MONTHS = 6;
const BATCH = 250_000;

/**
 * Fills the tables as months of use would: executions in the order of their time, with their steps and counts, evenly over
 * the agents; four in five of them in the workspace itself, the others in ten that nobody asks for. Of a hundred, 94
 * completed, 4 failed and 2 were cancelled; one in ten took long enough for its steps to have rows of their own.
 * @returns an execution from the middle of the workspace's list
 */
export async function generateExecutions(urls: DatabaseUrls, { workspaceId, agents, rows }: GrowthRequest): Promise<{ middle: string }> {
  const client = new Client({ connectionString: urls.owner });
  await client.connect();
  try {
    // What is generated may be lost with the machine.
    await client.query("SET synchronous_commit = off; SET timezone = 'UTC'; SET work_mem = '256MB'; SET maintenance_work_mem = '256MB'");
    const { rows: months } = await client.query<{ ago: number; end: number; until: string }>(SHARES);
    const values = [workspaceId, agents.map((agent) => agent.id), agents.map((agent) => agent.deploymentId), rows];
    let from = 0;
    for (const { ago, end, until } of months) {
      const to = ago === 0 ? rows : Math.floor(end * rows) - 1;
      // A partition that is filled by the transaction that made it needs no log.
      await client.query("BEGIN");
      if (ago > 0) await client.query(makeMonth(ago));
      for (; from < to; from = Math.min(from + BATCH, to))
        await client.query(EXECUTIONS, [...values, from, Math.min(from + BATCH, to) - 1, until]);
      await client.query("COMMIT");
    }
    await client.query(DAYS);
    await client.query(HOURS);
    await client.query("VACUUM (ANALYZE) executions, execution_traces");
    const found = await client.query<{ id: string }>(MIDDLE, [workspaceId, Math.floor(rows * 0.4)]);
    await client.query("VACUUM (ANALYZE) execution_stats, execution_day_stats");
    await client.query("CHECKPOINT");
    return { middle: found.rows[0]?.id ?? "" };
  } finally {
    await client.end();
  }
}

// As heddle_ensure_partitions makes the coming months.
const makeMonth = (ago: number): string => `
DO $do$
DECLARE
  first_day timestamptz := date_trunc('month', now()) - make_interval(months => ${ago});
  parent text;
BEGIN
  FOREACH parent IN ARRAY ARRAY['executions', 'execution_traces'] LOOP
    EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L) PARTITION BY LIST (retention)',
      parent || to_char(first_day, '_YYYY_MM'), parent, heddle_uuid_at(first_day), heddle_uuid_at(first_day + interval '1 month'));
    PERFORM heddle_make_leaf(parent || to_char(first_day, '_YYYY_MM'), 365::smallint);
  END LOOP;
END
$do$`;

const BEGIN = `(date_trunc('month', now()) - interval '${MONTHS - 1} months')`;
/** Up to a moment ($7) that stays the same while they are made. */
const spanTo = (moment: string): string => `(${moment}::timestamptz - ${BEGIN})`;

// How much of the time lies before the end of each month.
const SHARES = `
SELECT ago, (extract(epoch FROM date_trunc('month', now()) - make_interval(months => ago - 1) - ${BEGIN}) / extract(epoch FROM ${spanTo("now()")}))::float8 AS end, now()::text AS until
FROM generate_series(${MONTHS - 1}, 0, -1) AS ago ORDER BY ago DESC`;

const step = (name: string): string =>
  `{"key":"${name}#","nodeId":"${name}","status":"completed","output":{"text":"%1$s"},"ports":["out"],"attempts":1,"startedAt":%2$s,"durationMs":0.21}`;
const STEPS = `[${["start", "greeting", "size", "big"].map(step).join(",")}]`;

const EXECUTIONS = `
WITH made AS (
  SELECT i, ${BEGIN} + ${spanTo("$7")} * (i::float8 / $4) AS at, 1 + i % cardinality($2::uuid[]) AS agent, md5(i::text) AS noise,
    CASE WHEN i % 100 < 4 THEN 'FAILED' WHEN i % 100 < 6 THEN 'CANCELLED' ELSE 'COMPLETED' END AS status,
    (4 * exp((hashint8(i) & 1023) / 300.0))::int AS latency
  FROM generate_series($5::bigint, $6::bigint) AS i
), known AS (
  SELECT *, (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(noise, 1, 3) || '8' || substr(noise, 4, 15))::uuid AS id,
    CASE WHEN i / 100 % 5 < 4 THEN $1::uuid ELSE ('00000000-0000-7000-8000-00000000000' || i / 500 % 10)::uuid END AS workspace_id,
    format('${STEPS}', noise, (extract(epoch FROM at) * 1000)::bigint)::json AS steps
  FROM made
), stepped AS (
  INSERT INTO execution_traces (workspace_id, execution_id, retention, part, steps, timestamp)
  SELECT workspace_id, id, 365, 1000000, steps, at FROM known WHERE i % 10 = 9
)
INSERT INTO executions (id, workspace_id, retention, agent_id, deployment_id, version, trigger, actor, input, output, error, trace, status,
  input_tokens, output_tokens, cost_usd, latency, steps, started_at, completed_at, lease_epoch)
SELECT id, workspace_id, 365, ($2::uuid[])[agent], ($3::uuid[])[agent], 1, 'api', 'key:1', format('{"name":"%s","n":12}', noise)::json,
  CASE status WHEN 'COMPLETED' THEN format('{"branch":"big","name":"%s"}', noise)::json END,
  CASE status WHEN 'COMPLETED' THEN NULL ELSE '{"code":"http_failed","message":"The server could not be reached."}'::json END,
  CASE WHEN i % 10 <> 9 THEN steps END, status, 100, 20, 0.001, latency, 4, at, at + make_interval(secs => latency / 1000.0), 1
FROM known`;

const COUNTS = `heddle_latency_bucket(latency) AS bucket, count(*) AS executions, sum(input_tokens) AS input_tokens,
    sum(output_tokens) AS output_tokens, sum(cost_usd) AS cost_usd`;

// As it is where hours that are over are put together by days, every few minutes.
const DAYS = `
INSERT INTO execution_day_stats
  (workspace_id, agent_id, deployment_id, day, status, executions, input_tokens, output_tokens, cost_usd, latencies)
SELECT workspace_id, agent_id, deployment_id, day, status, sum(executions), sum(input_tokens), sum(output_tokens), sum(cost_usd),
  jsonb_object_agg(bucket, executions)
FROM (
  SELECT workspace_id, agent_id, deployment_id, completed_at::date AS day, status, ${COUNTS}
  FROM executions WHERE completed_at < date_trunc('hour', now()) GROUP BY 1, 2, 3, 4, 5, 6
) AS buckets GROUP BY 1, 2, 3, 4, 5`;
const HOURS = `
INSERT INTO execution_stats
  (workspace_id, agent_id, deployment_id, hour, slot, status, bucket, executions, input_tokens, output_tokens, cost_usd)
SELECT workspace_id, agent_id, deployment_id, date_trunc('hour', completed_at), 0, status, ${COUNTS}
FROM executions WHERE completed_at >= date_trunc('hour', now()) GROUP BY 1, 2, 3, 4, 6, 7`;

const MIDDLE = "SELECT id FROM executions WHERE workspace_id = $1 ORDER BY id DESC OFFSET $2 LIMIT 1";
