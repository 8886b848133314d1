import type { ClaimedExecution, Journal } from "@heddle/db/journal";
import { claimQueued } from "@heddle/db/queue-statements";
import type { Interruption } from "@heddle/db/journal";
import type { WorkspaceLimits } from "../limits/workspace-limits.ts";

/** A run that was taken from the queue. */
export interface DueExecution extends ClaimedExecution {
  /** Owners in a row that vanished without having recorded a step. */
  crashes: number;
}

export interface ClaimDueOptions {
  journal: Journal;
  limitsOf: (workspaceId: string) => WorkspaceLimits | Promise<WorkspaceLimits>;
  onInterrupt: (executionId: string, why: Interruption) => void;
}

/** What a claim took, see `claimQueued`. */
export interface ClaimedDue {
  executions: DueExecution[];
  isMoreDue: boolean;
  isAhead: boolean;
}

/** Takes at most so many runs, for a process of whose slots a part is taken (0 to 1). */
export type ClaimDue = (workspaceId: string, limit: number, busy: number) => Promise<ClaimedDue>;

/** Takes due runs of a workspace, within what it may have at once. */
export function createClaimDue({ journal, limitsOf, onInterrupt }: ClaimDueOptions): ClaimDue {
  return async (workspaceId, limit, busy) => {
    const { concurrency, isConcurrencySet, agents } = await limitsOf(workspaceId);
    const agentLimits = [...agents].flatMap(([id, { concurrency: most }]) => (most === null ? [] : [[id, most] as const]));
    const limits = { workspace: concurrency, areCallsCounted: isConcurrencySet, agents: new Map(agentLimits) };
    let [isMoreDue, isAhead] = [false, false];
    const crashes = new Map<string, number>();
    const claimed = await journal.claim(limit, onInterrupt, async (pool, owner, leaseMs, most) => {
      const found = await claimQueued(pool, { workspaceId, owner, leaseMs, limit: most, busy, limits });
      ({ isMoreDue, isAhead } = found);
      for (const row of found.rows) crashes.set(row.id, row.crashes);
      return found.rows;
    });
    return { executions: claimed.map((execution) => ({ ...execution, crashes: crashes.get(execution.id) ?? 0 })), isMoreDue, isAhead };
  };
}
