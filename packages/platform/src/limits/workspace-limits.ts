import type { Database } from "@heddle/db";
import { type MonthCaps, PLANS, type Plan, type PlanName, planNamed, type RunCeilings } from "./plans.ts";

/** Limits of one agent. Null is none of its own. */
export interface AgentLimits {
  /** Calls of its deployment a minute. */
  ratePerMinute: number | null;
  /** Runs at once. */
  concurrency: number | null;
}

/** What a workspace's people have chosen; null leaves it to the plan. */
export interface ChosenLimits {
  concurrency: number | null;
  run: RunCeilings;
  month: MonthCaps;
}

/** What holds for a workspace: of its plan and its own settings always the lower. */
export interface WorkspaceLimits {
  plan: PlanName;
  chosen: ChosenLimits;
  /** Runs at once, queued ones included. */
  concurrency: number;
  /** Whether somebody chose it, or a plan sells it: only then it also holds for callers who wait for their answer. */
  isConcurrencySet: boolean;
  run: RunCeilings;
  month: MonthCaps;
  agents: ReadonlyMap<string, AgentLimits>;
}

const MAX_KEPT = 10_000;
/** Changes are told at once; this is for the message that got lost, ms. */
const TTL = 30_000;

/** Every workspace's limits, read once and kept until one of them is changed, in whichever process. */
export class WorkspaceLimitsCache {
  readonly #db: Database;
  readonly #defaultPlan: PlanName;
  readonly #kept = new Map<string, { limits: WorkspaceLimits; until: number }>();
  readonly #loading = new Map<string, Promise<WorkspaceLimits>>();
  readonly #unsubscribe: () => void;
  /** Counts what the feed told, so that a row read before a change is not kept after it. */
  #generation = 0;

  constructor(db: Database, defaultPlan: PlanName) {
    this.#db = db;
    this.#defaultPlan = defaultPlan;
    this.#unsubscribe = db.changes.subscribe((event) => {
      if (event.kind === "limits" || event.kind === "missed") this.forget(event.kind === "limits" ? event.workspaceId : undefined);
    });
  }

  /** No promise where they are kept. */
  of(workspaceId: string): WorkspaceLimits | Promise<WorkspaceLimits> {
    const kept = this.#kept.get(workspaceId);
    if (kept !== undefined && kept.until > Date.now()) return kept.limits;
    const loading: Promise<WorkspaceLimits> =
      this.#loading.get(workspaceId) ??
      this.load(workspaceId).finally(() => this.#loading.get(workspaceId) === loading && this.#loading.delete(workspaceId));
    this.#loading.set(workspaceId, loading);
    return loading;
  }

  /** Reads a workspace's limits anew when they are asked for next; all of them where none is named. */
  forget(workspaceId?: string): void {
    if (workspaceId === undefined) this.#kept.clear();
    else this.#kept.delete(workspaceId);
    this.#loading.clear();
    this.#generation++;
  }

  close(): void {
    this.#unsubscribe();
  }

  /** As they are in the database now. */
  async load(workspaceId: string): Promise<WorkspaceLimits> {
    await this.#db.changes.ready();
    const generation = this.#generation;
    const [row, agents] = await this.#db.withWorkspace(workspaceId, async (client) => {
      const own = await client.query<LimitsRow>(READ_WORKSPACE);
      const each = await client.query<AgentLimits & { agentId: string }>(READ_AGENTS);
      return [own.rows[0], each.rows] as const;
    });
    const limits = combine(planNamed(row?.plan ?? null, this.#defaultPlan), row, agents);
    if (generation === this.#generation) {
      if (this.#kept.size >= MAX_KEPT) this.#kept.clear();
      this.#kept.set(workspaceId, { limits, until: Date.now() + TTL });
    }
    return limits;
  }
}

interface LimitsRow {
  plan: string | null;
  concurrency: number | null;
  maxTokens: number | null;
  maxCostUsd: number | null;
  maxDurationMs: number | null;
  maxSteps: number | null;
  monthExecutions: number | null;
  monthTokens: number | null;
  monthCostUsd: number | null;
}

const READ_WORKSPACE = `
SELECT plan, concurrency, run_max_tokens AS "maxTokens", run_max_cost_usd AS "maxCostUsd", run_max_duration_ms AS "maxDurationMs",
  run_max_steps AS "maxSteps", month_max_executions::float8 AS "monthExecutions", month_max_tokens::float8 AS "monthTokens",
  month_max_cost_usd AS "monthCostUsd"
FROM workspace_limits WHERE workspace_id = heddle_workspace_id()`;
const READ_AGENTS = `
SELECT agent_id AS "agentId", rate_per_minute AS "ratePerMinute", concurrency FROM agent_limits WHERE workspace_id = heddle_workspace_id()`;

function combine(plan: PlanName, row: LimitsRow | undefined, agents: readonly (AgentLimits & { agentId: string })[]): WorkspaceLimits {
  const { concurrency, run, month }: Plan = PLANS[plan];
  const chosen: ChosenLimits = {
    concurrency: row?.concurrency ?? null,
    run: {
      maxTokens: row?.maxTokens ?? null,
      maxCostUsd: row?.maxCostUsd ?? null,
      maxDurationMs: row?.maxDurationMs ?? null,
      maxSteps: row?.maxSteps ?? null,
    },
    month: { executions: row?.monthExecutions ?? null, tokens: row?.monthTokens ?? null, costUsd: row?.monthCostUsd ?? null },
  };
  return {
    plan,
    chosen,
    concurrency: lower(chosen.concurrency ?? concurrency.initial, concurrency.most) ?? concurrency.initial,
    isConcurrencySet: chosen.concurrency !== null || concurrency.most !== null,
    run: {
      maxTokens: lower(chosen.run.maxTokens, run.maxTokens),
      maxCostUsd: lower(chosen.run.maxCostUsd, run.maxCostUsd),
      maxDurationMs: lower(chosen.run.maxDurationMs, run.maxDurationMs),
      maxSteps: lower(chosen.run.maxSteps, run.maxSteps),
    },
    month: {
      executions: lower(chosen.month.executions, month.executions),
      tokens: lower(chosen.month.tokens, month.tokens),
      costUsd: lower(chosen.month.costUsd, month.costUsd),
    },
    agents: new Map(agents.map(({ agentId, ratePerMinute, concurrency: each }) => [agentId, { ratePerMinute, concurrency: each }])),
  };
}

function lower(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.min(one, other);
}
