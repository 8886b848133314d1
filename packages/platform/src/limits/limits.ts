import type { Database } from "@heddle/db";
import type { RunLimits } from "@heddle/schema";
import type { Access } from "../access/access.ts";
import type { Actor } from "../access/actor.ts";
import type { AuditLog } from "../audit/audit-log.ts";
import type { Mailer } from "../accounts/mailer.ts";
import { capRunLimits } from "./cap-run-limits.ts";
import { createLimitSettings, type LimitSettings } from "./limit-settings.ts";
import type { Month } from "./month.ts";
import { networkOf } from "./network-of.ts";
import type { PlanName } from "./plans.ts";
import { RATE_DEFAULTS, type RateDefaults } from "./rate-defaults.ts";
import { RateLimiter, type RateSubject, type RateVerdict } from "./rate-limiter.ts";
import type { RateStore } from "./rate-store.ts";
import { readMonthUse } from "./read-month-use.ts";
import { readOtherRuns } from "./read-other-runs.ts";
import { RunSlots } from "./run-slots.ts";
import { type MonthUse, UsageMeter } from "./usage-meter.ts";
import { UsageNotices } from "./usage-notices.ts";
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
  access: Access;
  audit: AuditLog;
  publicUrl: string;
  mailer?: Mailer | undefined;
  /** Names the leases of this process's runs. */
  owner: () => string;
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
export interface RunToAdmit {
  workspaceId: string;
  agentId: string;
  /** One that nobody waits for: where as many go on as may, it waits. */
  isQueued?: boolean;
  /** One that is in the queue already, because it started by itself. */
  isCounted?: boolean;
}

export interface Limits extends LimitSettings {
  /** What holds for a workspace; no promise where it is kept, and no query but after a change. */
  of(workspaceId: string): Maybe<WorkspaceLimits>;
  /** How many runs may go on at once; no promise where it is known. */
  concurrencyOf(workspaceId: string, agentId: string): Maybe<Concurrency>;
  /** Counts a request of this caller. Undefined where nothing limits it; no promise where this process can say so by itself. */
  countCaller(caller: RateCaller, cost?: number): Maybe<RateVerdict | undefined>;
  /** Counts a call of an agent, whoever makes it. */
  countAgent(workspaceId: string, agentId: string): Maybe<RateVerdict | undefined>;
  /**
   * Lets one more run of a workspace begin, or into the queue. Returns what is to be called when it has left this process, where
   * anything is.
   * No promise where nothing must be read. @throws HeddleError quota_exceeded, rate_limited
   */
  admitRun(run: RunToAdmit): Maybe<(() => void) | undefined>;
  /** A document's own limits, none of them above what its workspace may use. */
  capRun(workspaceId: string, document: RunLimits): Maybe<RunLimits>;
  close(): Promise<void>;
}

export function createLimits(options: LimitsOptions): Limits {
  const { db, access, audit, defaultPlan = "self-hosted", rates = RATE_DEFAULTS, rateStore, onFault = () => undefined } = options;
  const cache = new WorkspaceLimitsCache(db, defaultPlan);
  const notices = new UsageNotices({ db, audit, publicUrl: options.publicUrl, mailer: options.mailer });
  const tellUse = async (workspaceId: string, month: Month, use: MonthUse): Promise<void> =>
    notices.tell(workspaceId, month, use, (await cache.of(workspaceId)).month);
  const meter = new UsageMeter({
    read: (workspaceId, month) => readMonthUse(db, workspaceId, month),
    onRead: (workspaceId, month, use) => void tellUse(workspaceId, month, use).catch(onFault),
    onFault,
  });
  const slots = new RunSlots({ readOthers: (workspaceId) => readOtherRuns(db, workspaceId, options.owner()), onFault });
  const limiter = new RateLimiter({ store: rateStore, onFault });
  const subjectOf = (policy: RateSubject["policy"], id: string, limit: number): RateSubject[] =>
    limit > 0 ? [{ policy, id, limit }] : UNLIMITED;

  const admitWithin = (limits: WorkspaceLimits, run: RunToAdmit): Maybe<(() => void) | undefined> => {
    const { workspaceId, agentId, isQueued = false, isCounted = false } = run;
    const slot = isQueued || isCounted ? undefined : slots.take(workspaceId, agentId, limits);
    return after(slot, (giveBack) => {
      try {
        const metered = meter.admit(workspaceId, limits.month, isCounted);
        if (metered === undefined) return giveBack;
        return metered.then(
          () => giveBack,
          (error: unknown) => {
            giveBack?.();
            throw error;
          },
        );
      } catch (error) {
        giveBack?.();
        throw error;
      }
    });
  };

  return {
    ...createLimitSettings({
      db,
      access,
      audit,
      load: (workspaceId) => cache.load(workspaceId),
      onChanged: (workspaceId) => cache.forget(workspaceId),
    }),
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
    admitRun: (run) => after(cache.of(run.workspaceId), (limits) => admitWithin(limits, run)),
    capRun: (workspaceId, document) => after(cache.of(workspaceId), ({ run }) => capRunLimits(document, run)),
    close: async () => {
      meter.close();
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
