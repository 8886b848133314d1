import type { Database } from "@heddle/db";
import type { Actor } from "../access/actor.ts";
import { networkOf } from "./network-of.ts";
import type { PlanName } from "./plans.ts";
import { RATE_DEFAULTS, type RateDefaults } from "./rate-defaults.ts";
import { RateLimiter, type RateSubject, type RateVerdict } from "./rate-limiter.ts";
import type { RateStore } from "./rate-store.ts";
import { type WorkspaceLimits, WorkspaceLimitsCache } from "./workspace-limits.ts";

export interface LimitsOptions {
  db: Database;
  /** Of workspaces that have none of their own. */
  defaultPlan?: PlanName | undefined;
  /** Requests a minute where nobody has chosen otherwise. */
  rates?: RateDefaults | undefined;
  /** Where processes share what they count; without one this process counts alone. */
  rateStore?: RateStore | undefined;
  onFault?: ((fault: unknown) => void) | undefined;
}

/** Most runs at once. */
export interface Concurrency {
  workspace: number;
  /** Null where the agent has no limit of its own. */
  agent: number | null;
}

/** Who sends a request. */
export interface RateCaller {
  /** Undefined for nobody, and for whoever could not prove it. */
  actor: Actor | undefined;
  /** Of the other side, as our own server or proxy saw it. */
  address: string;
  /** Whether it runs an agent or asks how a run went: no person is limited in that, only keys and agents. */
  isRun: boolean;
}

type Maybe<T> = T | Promise<T>;

/** What workspaces, agents, keys and callers may use. */
export interface Limits {
  /** What holds for a workspace; no promise where it is kept, and no query but after a change. */
  of(workspaceId: string): Maybe<WorkspaceLimits>;
  /** How many runs may go on at once; no promise where it is known. */
  concurrencyOf(workspaceId: string, agentId: string): Maybe<Concurrency>;
  /** Counts a request of this caller. Undefined where nothing limits it; no promise where this process can say so by itself. */
  countCaller(caller: RateCaller, cost?: number): Maybe<RateVerdict | undefined>;
  /** Counts a call of an agent, whoever makes it. */
  countAgent(workspaceId: string, agentId: string): Maybe<RateVerdict | undefined>;
  close(): Promise<void>;
}

export function createLimits({ db, defaultPlan = "self-hosted", rates = RATE_DEFAULTS, rateStore, onFault }: LimitsOptions): Limits {
  const cache = new WorkspaceLimitsCache(db, defaultPlan);
  const limiter = new RateLimiter({ store: rateStore, onFault });
  const subjectOf = (policy: RateSubject["policy"], id: string, limit: number): RateSubject[] =>
    limit > 0 ? [{ policy, id, limit }] : UNLIMITED;

  return {
    of: (workspaceId) => cache.of(workspaceId),
    concurrencyOf: (workspaceId, agentId) =>
      after(cache.of(workspaceId), ({ concurrency, agents }) => ({
        workspace: concurrency,
        agent: agents.get(agentId)?.concurrency ?? null,
      })),
    countCaller: ({ actor, address, isRun }, cost) => {
      if (actor === undefined) return limiter.take(subjectOf("address", networkOf(address), rates.address), cost);
      if (actor.kind === "apiKey") return limiter.take(subjectOf("key", actor.apiKeyId, actor.rateLimit ?? rates.key), cost);
      return isRun ? undefined : limiter.take(subjectOf("user", actor.userId, rates.user), cost);
    },
    countAgent: (workspaceId, agentId) =>
      after(cache.of(workspaceId), ({ agents }) =>
        limiter.take(subjectOf("agent", agentId, agents.get(agentId)?.ratePerMinute ?? rates.agent)),
      ),
    close: async () => {
      cache.close();
      await limiter.close();
    },
  };
}

const UNLIMITED: RateSubject[] = [];

/** Goes on at once where there is nothing to wait for. */
function after<T, R>(value: Maybe<T>, next: (value: T) => Maybe<R>): Maybe<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}
