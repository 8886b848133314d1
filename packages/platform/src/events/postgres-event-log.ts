import type { Database } from "@heddle/db";
import { afterHeard, type EventLog, type EventSignal, inSignals, type LogEntry } from "./event-log.ts";

/** How long events are kept, and how often those that are older are removed. */
const KEPT_FOR = "1 hour";
const PRUNE_EVERY_MS = 5 * 60_000;
/** Events of one run that are kept; the oldest of more go, some thousands at a time. */
const MAX_OF_RUN = 10_000;
const TRIM_EVERY = 2_000;
const CHANNEL = "heddle_events";

/** Keeps events in PostgreSQL and wakes readers by its notifications. */
export function createPostgresEventLog(db: Database, onFault: (fault: unknown) => void): EventLog {
  const timer = setInterval(() => {
    db.pools.journal.query(`DELETE FROM execution_events WHERE kept_at < now() - interval '${KEPT_FOR}'`).catch(onFault);
  }, PRUNE_EVERY_MS).unref();

  return {
    keep: async (entries) => {
      const signal = {
        type: "kept" as const,
        runs: [...new Set(entries.map((entry) => entry.executionId))],
        agents: [...new Set(entries.map((entry) => entry.agentId))],
      };
      await db.pools.journal.query({
        name: "events-keep",
        text: "SELECT heddle_keep_events($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::text[], $6::text[])",
        values: [
          entries.map((entry) => entry.workspaceId),
          entries.map((entry) => entry.executionId),
          entries.map((entry) => entry.agentId),
          entries.map((entry) => entry.id),
          entries.map(({ event, parts }) => JSON.stringify({ event, parts })),
          inSignals(signal).map((part) => JSON.stringify(part)),
        ],
      });
      for (const { workspaceId, executionId, id } of entries.filter(({ id }) => id % TRIM_EVERY === 0)) {
        await db.pools.journal.query("DELETE FROM execution_events WHERE workspace_id = $1 AND execution_id = $2 AND id <= $3", [
          workspaceId,
          executionId,
          id - MAX_OF_RUN,
        ]);
      }
    },

    ofRun: async ({ workspaceId, executionId }, afterId, limit) => {
      const { rows } = await db.withWorkspace(workspaceId, (client) =>
        client.query<EventRow>(
          `SELECT ${COLUMNS} FROM execution_events WHERE workspace_id = $1 AND execution_id = $2 AND id > $3 ORDER BY execution_events.id LIMIT $4`,
          [workspaceId, executionId, afterId, limit],
        ),
      );
      return rows.map((row) => afterHeard(toEntry(row, workspaceId), afterId));
    },

    ofAgent: async ({ workspaceId, agentId }, after, limit) => {
      const { rows } = await db.withWorkspace(workspaceId, (client) =>
        client.query<EventRow>(
          `SELECT ${COLUMNS} FROM execution_events WHERE workspace_id = $1 AND agent_id = $2 AND position > $3 ORDER BY execution_events.position LIMIT $4`,
          [workspaceId, agentId, after, limit],
        ),
      );
      return rows.map((row) => ({ ...afterHeard(toEntry(row, workspaceId), 0), position: row.position }));
    },

    headOf: async ({ workspaceId, agentId }) => {
      const { rows } = await db.withWorkspace(workspaceId, (client) =>
        client.query<{ head: string | null }>(
          "SELECT max(position)::text AS head FROM execution_events WHERE workspace_id = $1 AND agent_id = $2",
          [workspaceId, agentId],
        ),
      );
      return rows[0]?.head ?? "0";
    },

    isPosition: (text) => /^\d{1,18}$/.test(text),

    signal: async (signal) => {
      await db.pools.app.query("SELECT pg_notify($1, $2)", [CHANNEL, JSON.stringify(signal)]);
    },

    subscribe: (listener) =>
      db.notifications.listen(CHANNEL, {
        payload: (text) => listener(JSON.parse(text) as EventSignal),
        missed: () => listener({ type: "missed" }),
      }),

    close: async () => clearInterval(timer),
  };
}

interface EventRow {
  executionId: string;
  agentId: string;
  id: string;
  position: string;
  entry: string;
}
const COLUMNS = `execution_id AS "executionId", agent_id AS "agentId", id::text, position::text, entry`;

function toEntry({ executionId, agentId, id, entry }: EventRow, workspaceId: string): LogEntry {
  const kept = JSON.parse(entry) as Pick<LogEntry, "event" | "parts">;
  return { workspaceId, agentId, executionId, id: Number(id), ...kept };
}
