import type { Database } from "@heddle/db";
import type { Month } from "./month.ts";
import type { MonthUse } from "./usage-meter.ts";

/**
 * What a workspace has used of the month that goes on: runs that ended in it, and those that have not ended yet. Read from
 * what outcomes are counted in, so it costs the same however many there are.
 */
export async function readMonthUse(db: Database, workspaceId: string, { start, end }: Month): Promise<MonthUse> {
  const { rows } = await db.withWorkspace(workspaceId, (client) => client.query<MonthUse>(USE, [start, end]));
  return rows[0] ?? { executions: 0, unfinished: 0, tokens: 0, costUsd: 0 };
}

const USE = `
SELECT coalesce(sum(executions), 0)::float8 AS executions, coalesce(sum(input_tokens + output_tokens), 0)::float8 AS tokens,
  coalesce(sum(cost_usd), 0) AS "costUsd",
  ((SELECT count(*) FROM executions WHERE workspace_id = heddle_workspace_id() AND status = 'PENDING')
    + (SELECT count(*) FROM executions WHERE workspace_id = heddle_workspace_id() AND status IN ('RUNNING', 'WAITING')))::float8 AS unfinished
FROM execution_totals WHERE workspace_id = heddle_workspace_id() AND at >= $1 AND at < $2`;
