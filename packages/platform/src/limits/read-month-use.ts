import type { Database } from "@heddle/db";
import type { Month } from "./month.ts";
import type { MonthUse } from "./usage-meter.ts";

/** What a workspace has used in a month: every run that was accepted in it, with what those that ended have used. */
export async function readMonthUse(db: Database, workspaceId: string, { start, end }: Month): Promise<MonthUse> {
  const { rows } = await db.withWorkspace(workspaceId, (client) =>
    client.query<MonthUse>(
      `SELECT count(*)::float8 AS executions, coalesce(sum(tokens_used), 0)::float8 AS tokens, coalesce(sum(cost_usd), 0) AS "costUsd"
       FROM executions WHERE workspace_id = heddle_workspace_id() AND id >= $1::uuid AND id < $2::uuid`,
      [firstIdAt(start), firstIdAt(end)],
    ),
  );
  return rows[0] ?? { executions: 0, tokens: 0, costUsd: 0 };
}

/** The lowest id of a time: the first 48 bits of an id are its milliseconds. */
function firstIdAt(time: Date): string {
  const hex = time.getTime().toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}
