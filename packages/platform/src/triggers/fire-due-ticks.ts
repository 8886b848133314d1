import type { Database } from "@heddle/db";
import { reach } from "@heddle/db/checkpoint";
import { enqueueExecutions, type NewExecution } from "@heddle/db/journal";
import type { Json } from "@heddle/schema";
import { latestTick, nextTick } from "./cron-clock.ts";
import { derivedId } from "./derived-id.ts";

export interface FiredTick {
  scheduleId: string;
  workspaceId: string;
  executionId: string;
  tick: Date;
}

export interface FireOptions {
  onFault: (fault: unknown, where: { scheduleId: string }) => void;
  /** For how many days a workspace's executions are kept. */
  retentionOf?: ((workspaceId: string) => Promise<number>) | undefined;
}

/** Ticks that one transaction fires. */
export const TICKS_PER_BATCH = 100;
/** A tick that is fired later than this gets an id of the moment, so that its run is kept as long as others of today, ms. */
const MAX_BACKDATING_MS = 24 * 3_600_000;
/** How long a schedule that can't be read is left alone, s. */
const REST_SECONDS = 3_600;

/**
 * Starts a run for each schedule that is due, in one transaction: claims the tick, inserts its execution and moves the
 * schedule on. What is due, and which ticks are over, is decided by the database's clock alone. Of ticks that were missed
 * only the latest is fired.
 */
export async function fireDueTicks(db: Database, { onFault, retentionOf }: FireOptions): Promise<{ fired: FiredTick[]; wasFull: boolean }> {
  const client = await db.pools.journal.connect();
  let isBroken = false;
  try {
    await client.query("BEGIN");
    const { rows } = await client.query<DueSchedule>(CLAIM_DUE, [TICKS_PER_BATCH]);
    const moves = rows.map((row) => moveOf(row, onFault));
    const starts = moves.flatMap((move) => move.start ?? []);
    if (starts.length > 0) await enqueueExecutions(client, await Promise.all(starts.map((start) => executionOf(start, retentionOf))));
    if (moves.length > 0) {
      await client.query(MOVE_ON, [
        moves.map(({ row }) => row.id),
        moves.map(({ next }) => next?.toISOString() ?? null),
        moves.map(({ start }) => start?.tick.toISOString() ?? null),
        moves.map(({ start }) => start?.executionId ?? null),
      ]);
    }
    await client.query("COMMIT");
    if (starts.length > 0) reach("tick-fired");
    return {
      fired: starts.map(({ row, executionId, tick }) => ({ scheduleId: row.id, workspaceId: row.workspaceId, executionId, tick })),
      wasFull: rows.length === TICKS_PER_BATCH,
    };
  } catch (error) {
    await client.query("ROLLBACK").catch(() => (isBroken = true));
    throw error;
  } finally {
    client.release(isBroken);
  }
}

/** ms until the next tick of any schedule by the database's clock, at least 0; infinite where none is to come. */
export async function msToNextTick(db: Database): Promise<number> {
  const { rows } = await db.pools.journal.query<{ ms: number | null }>(
    "SELECT (greatest(extract(epoch FROM min(next_fire_at) - clock_timestamp()), 0) * 1000)::float8 AS ms FROM schedules WHERE next_fire_at IS NOT NULL",
  );
  return rows[0]?.ms ?? Number.POSITIVE_INFINITY;
}

interface DueSchedule {
  id: string;
  workspaceId: string;
  agentId: string;
  deploymentId: string;
  nodeId: string;
  version: number;
  cron: string;
  timeZone: string;
  nextFireAt: Date;
  lastFireAt: Date | null;
  now: Date;
}

interface Start {
  row: DueSchedule;
  tick: Date;
  executionId: string;
}
interface Move {
  row: DueSchedule;
  next: Date | undefined;
  start?: Start;
}

function moveOf(row: DueSchedule, onFault: (fault: unknown, where: { scheduleId: string }) => void): Move {
  const { now, nextFireAt, lastFireAt } = row;
  try {
    const latest = latestTick(row, now);
    // Rules of a time zone may have changed since the tick was noted; it is fired all the same.
    const tick = latest === undefined || latest < nextFireAt ? nextFireAt : latest;
    const next = nextTick(row, now > tick ? now : tick);
    // However the clock or the pattern went back: a tick that has been fired is over.
    if (lastFireAt !== null && tick <= lastFireAt) return { row, next };
    const isRecent = now.getTime() - tick.getTime() < MAX_BACKDATING_MS;
    const executionId = derivedId(isRecent ? tick : now, "schedule", row.id, tick.toISOString());
    return { row, next, start: { row, tick, executionId } };
  } catch (fault) {
    onFault(fault, { scheduleId: row.id });
    return { row, next: new Date(now.getTime() + REST_SECONDS * 1_000) };
  }
}

/** What the run of a tick is given: when it was due, and when it was started. */
export function tickInput(tick: Date, firedAt: Date): Json {
  return { scheduledAt: tick.toISOString(), firedAt: firedAt.toISOString() };
}

const CLAIM_DUE = `SELECT id, workspace_id AS "workspaceId", agent_id AS "agentId", deployment_id AS "deploymentId", node_id AS "nodeId", version,
  cron, time_zone AS "timeZone", next_fire_at AS "nextFireAt", last_fire_at AS "lastFireAt", now() AS now
  FROM schedules WHERE next_fire_at <= now() ORDER BY next_fire_at LIMIT $1 FOR UPDATE SKIP LOCKED`;

async function executionOf({ row, tick, executionId }: Start, retentionOf: FireOptions["retentionOf"]): Promise<NewExecution> {
  const { workspaceId, agentId, deploymentId, version, nodeId, now } = row;
  const input = tickInput(tick, now);
  const retention = retentionOf && (await retentionOf(workspaceId));
  return {
    id: executionId, workspaceId, agentId, deploymentId, version, trigger: "schedule", triggerNode: nodeId, input, startedAt: now,
    ...(retention === undefined ? {} : { retention }),
  }; // prettier-ignore
}

const MOVE_ON = `UPDATE schedules s SET next_fire_at = v.next, last_fire_at = coalesce(v.tick, s.last_fire_at),
    last_execution_id = coalesce(v.execution_id, s.last_execution_id), updated_at = now()
  FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::uuid[]) AS v(id, next, tick, execution_id) WHERE s.id = v.id`;
