import type { Database } from "@heddle/db";
import type { PlanName } from "./plans.ts";
import { type WorkspaceLimits, WorkspaceLimitsCache } from "./workspace-limits.ts";

export interface LimitsOptions {
  db: Database;
  /** Of workspaces that have none of their own. */
  defaultPlan?: PlanName;
}

/** Most runs at once. */
export interface Concurrency {
  workspace: number;
  /** Null where the agent has no limit of its own. */
  agent: number | null;
}

/** What workspaces, agents, keys and callers may use. */
export interface Limits {
  /** What holds for a workspace; no promise where it is kept, and no query but after a change. */
  of(workspaceId: string): WorkspaceLimits | Promise<WorkspaceLimits>;
  /** How many runs may go on at once; no promise where it is known. */
  concurrencyOf(workspaceId: string, agentId: string): Concurrency | Promise<Concurrency>;
  close(): void;
}

export function createLimits({ db, defaultPlan = "self-hosted" }: LimitsOptions): Limits {
  const cache = new WorkspaceLimitsCache(db, defaultPlan);
  const concurrencyIn = ({ concurrency, agents }: WorkspaceLimits, agentId: string): Concurrency => ({
    workspace: concurrency,
    agent: agents.get(agentId)?.concurrency ?? null,
  });
  return {
    of: (workspaceId) => cache.of(workspaceId),
    concurrencyOf: (workspaceId, agentId) => {
      const limits = cache.of(workspaceId);
      return limits instanceof Promise ? limits.then((loaded) => concurrencyIn(loaded, agentId)) : concurrencyIn(limits, agentId);
    },
    close: () => cache.close(),
  };
}
