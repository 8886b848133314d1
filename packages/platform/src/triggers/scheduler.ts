import type { Database } from "@heddle/db";
import { fireDueTicks, msToNextTick, type FiredTick } from "./fire-due-ticks.ts";

export interface SchedulerOptions {
  db: Database;
  /** Told of runs that now wait to be claimed. */
  onFired: (ticks: FiredTick[]) => void;
  onFault: (fault: unknown, where: Record<string, unknown>) => void;
  /** For how many days a workspace's executions are kept; the longest by default. */
  retentionOf?: (workspaceId: string) => Promise<number>;
  /** How long it sleeps at most, ms: what it was not told of is seen by then. */
  pollEveryMs?: number;
}

export interface Scheduler {
  /** Fires what is due now. @returns how many ticks this process fired */
  fireDue(): Promise<number>;
  /** Resolves once nothing is under way any more. */
  stop(): Promise<void>;
}

const BUSY_ELSEWHERE_MS = 100;

/**
 * Fires the due ticks of all workspaces. Any number of processes may do so at once: each tick is claimed by one of them.
 * It sleeps until the next tick by the database's clock; a process whose own clock is wrong is neither early nor late.
 */
export function startScheduler({ db, onFired, onFault, retentionOf, pollEveryMs = 5_000 }: SchedulerOptions): Scheduler {
  const stopping = new AbortController();
  let isWoken = false;
  let running: Promise<unknown> | undefined;
  let timer: NodeJS.Timeout | undefined;

  const fireDue = async (): Promise<number> => {
    let count = 0;
    for (let wasFull = true; wasFull && !stopping.signal.aborted;) {
      const batch = await fireDueTicks(db, { onFault, retentionOf });
      wasFull = batch.wasFull;
      count += batch.fired.length;
      if (batch.fired.length > 0) onFired(batch.fired);
    }
    return count;
  };
  const turn = (): void => {
    clearTimeout(timer);
    if (stopping.signal.aborted || running !== undefined) return;
    isWoken = false;
    let sleepMs = pollEveryMs;
    running = fireDue()
      // One that is due all the same is being fired by another process.
      .then(async () => (sleepMs = Math.min((await msToNextTick(db)) || BUSY_ELSEWHERE_MS, pollEveryMs)))
      .catch((fault: unknown) => onFault(fault, { during: "schedules" }))
      .finally(() => {
        running = undefined;
        // A millisecond more than the rest: a timer may be early by part of one.
        if (!stopping.signal.aborted) timer = setTimeout(turn, isWoken ? 0 : Math.ceil(sleepMs) + 1);
        timer?.unref();
      });
  };
  const unsubscribe = db.changes.subscribe((event) => {
    if (!["schedule", "deployment", "missed"].includes(event.kind)) return;
    isWoken = true;
    turn();
  });
  turn();
  return {
    fireDue,
    stop: async () => {
      stopping.abort();
      clearTimeout(timer);
      unsubscribe();
      await running;
    },
  };
}
