import type { Database } from "@heddle/db";
import { foldStats } from "@heddle/db/stats-statements";
import type { FileStorage } from "@heddle/files";
import { sweepFiles } from "./sweep-files.ts";

export interface RetainOptions {
  db: Database;
  files: FileStorage;
  /** Told what was done, where anything was. */
  onDone: (report: RetentionReport) => void;
  onFault: (fault: unknown) => void;
}

/** What a round of retention did. */
export interface RetentionReport {
  /** Partitions that are gone with all their executions. */
  dropped: string[];
  /** Partitions that are over and were kept, because of runs that have not ended, or that somebody was reading. */
  kept: { name: string; outcome: "unfinished" | "busy" }[];
  /** Rows that had run out: keys of requests, memories, waits of executions that are gone. */
  rows: number;
  files: number;
}

const FIRST_AFTER_MS = 60_000;
const EVERY_MS = 6 * 3_600_000;
const FOLD_EVERY_MS = 10 * 60_000;
/** The counts of a year and a month, in days: what metrics and caps may ask for. */
const STATS_DAYS = 400;

/** Lets go of what is over, now and then. Any number of processes may: one at a time does. Returns what stops it. */
export function startRetention(options: RetainOptions): { stop: () => Promise<void> } {
  let round: Promise<unknown> = Promise.resolve();
  const run = (): void => {
    round = round.then(() => retain(options)).then((report) => report && options.onDone(report), options.onFault);
  };
  const first = setTimeout(run, FIRST_AFTER_MS).unref();
  const timer = setInterval(run, EVERY_MS).unref();
  const fold = (): void => {
    round = round.then(() => foldStats(options.db.pools.journal, STATS_DAYS)).then(undefined, options.onFault);
  };
  const folding = setInterval(fold, FOLD_EVERY_MS).unref();
  return {
    stop: async () => {
      clearTimeout(first);
      clearInterval(timer);
      clearInterval(folding);
      await round;
    },
  };
}

/** One round. Undefined where there was nothing to do, or another process is at it. */
export async function retain({ db, files }: Pick<RetainOptions, "db" | "files">): Promise<RetentionReport | undefined> {
  const client = await db.pools.journal.connect();
  try {
    const { rows } = await client.query<{ isOurs: boolean }>(`SELECT pg_try_advisory_lock(hashtext('heddle_retention')) AS "isOurs"`);
    if (rows[0]?.isOurs !== true) return undefined;
    try {
      const report: RetentionReport = { ...(await dropPartitions(db)), rows: await deleteRunOut(db), files: await sweepFiles(db, files) };
      await foldStats(db.pools.journal, STATS_DAYS);
      return report.dropped.length + report.kept.length + report.rows + report.files > 0 ? report : undefined;
    } finally {
      await client.query("SELECT pg_advisory_unlock(hashtext('heddle_retention'))");
    }
  } finally {
    client.release();
  }
}

async function dropPartitions(db: Database): Promise<Pick<RetentionReport, "dropped" | "kept">> {
  const dropped: string[] = [];
  const kept: RetentionReport["kept"] = [];
  for (;;) {
    const { rows } = await db.pools.journal.query<{ name: string; outcome: "dropped" | "unfinished" | "busy" }>(
      "SELECT name, outcome FROM heddle_drop_expired_partition($1)",
      [kept.map(({ name }) => name)],
    );
    const [partition] = rows;
    if (!partition) return { dropped, kept };
    const { name, outcome } = partition;
    if (outcome === "dropped") dropped.push(name);
    else kept.push({ name, outcome });
  }
}

async function deleteRunOut(db: Database): Promise<number> {
  let count = 0;
  for (const statement of RUN_OUT) count += (await db.pools.journal.query(statement)).rowCount ?? 0;
  return count;
}

const RUN_OUT = [
  "DELETE FROM idempotency_records WHERE expires_at < now()",
  "DELETE FROM memory_entries WHERE expires_at < now()",
  "DELETE FROM vector_memories WHERE expires_at < now()",
  `DELETE FROM execution_waits w WHERE w.created_at < now() - interval '7 days'
    AND NOT EXISTS (SELECT FROM executions e WHERE e.workspace_id = w.workspace_id AND e.id = w.execution_id)`,
];
