import type { Database } from "@heddle/db";
import type { PlanName } from "../limits/plans.ts";

/** For how many days executions are kept, by plan. A month's executions go together, once the last of them is as old. */
export const RETENTION_DAYS: Readonly<Record<PlanName, number>> = { free: 7, pro: 30, team: 90, enterprise: 365, "self-hosted": 365 };

/** What there are partitions for from the beginning. */
const ALWAYS_READY = 365;
const MAX_KEPT = 10_000;

export interface RetentionOptions {
  db: Database;
  /** A workspace's plan; no promise where it is known. */
  planOf: (workspaceId: string) => PlanName | Promise<PlanName>;
  /** The operator's word, for all plans. */
  days?: number | undefined;
  onFault: (fault: unknown) => void;
}

/** Knows for how long a workspace's executions are kept, and sees to it that there are partitions for that. */
export class Retention {
  readonly #options: RetentionOptions;
  readonly #ready = new Set([ALWAYS_READY]);
  readonly #preparing = new Map<number, Promise<void>>();
  readonly #plans = new Map<string, PlanName>();

  constructor(options: RetentionOptions) {
    this.#options = options;
    if (options.days !== undefined) this.#prepare(options.days).catch(options.onFault);
  }

  /** Days. @throws where the database is away */
  async of(workspaceId: string): Promise<number> {
    const days = this.#daysOf(await this.#planOf(workspaceId));
    await this.#prepare(days);
    return days;
  }

  /** Days, by what this process knows: a plan that is new to it counts from the next run on. */
  known(workspaceId: string): number {
    const plan = this.#planOf(workspaceId);
    if (plan instanceof Promise) plan.catch(this.#options.onFault);
    const known = plan instanceof Promise ? this.#plans.get(workspaceId) : plan;
    const days = this.#options.days ?? (known === undefined ? ALWAYS_READY : RETENTION_DAYS[known]);
    if (this.#ready.has(days)) return days;
    this.#prepare(days).catch(this.#options.onFault);
    return ALWAYS_READY;
  }

  #daysOf(plan: PlanName): number {
    return this.#options.days ?? RETENTION_DAYS[plan];
  }

  #planOf(workspaceId: string): PlanName | Promise<PlanName> {
    const plan = this.#options.planOf(workspaceId);
    if (plan instanceof Promise) return plan.then((read) => this.#keep(workspaceId, read));
    return this.#keep(workspaceId, plan);
  }

  #keep(workspaceId: string, plan: PlanName): PlanName {
    if (this.#plans.size >= MAX_KEPT) this.#plans.clear();
    this.#plans.set(workspaceId, plan);
    return plan;
  }

  #prepare(days: number): Promise<void> {
    if (this.#ready.has(days)) return Promise.resolve();
    const preparing =
      this.#preparing.get(days) ??
      this.#options.db.pools.app
        .query("SELECT heddle_add_retention_class($1)", [days])
        .then(() => void this.#ready.add(days))
        .finally(() => this.#preparing.delete(days));
    this.#preparing.set(days, preparing);
    return preparing;
  }
}
