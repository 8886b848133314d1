/** What a plan allows. Null is unlimited. */
export interface Plan {
  title: string;
  /** Runs of one workspace at once: as it is at first, and the most that its people may choose. */
  concurrency: { initial: number; most: number | null };
  /** What one run may use; no document and no setting goes beyond. */
  run: RunCeilings;
  /** What a workspace may use in a calendar month, in UTC. */
  month: MonthCaps;
}

/** Ceilings of one run. Null is unlimited. */
export interface RunCeilings {
  maxTokens: number | null;
  maxCostUsd: number | null;
  maxDurationMs: number | null;
  maxSteps: number | null;
}

/** Caps of a month. Null is unlimited. */
export interface MonthCaps {
  executions: number | null;
  tokens: number | null;
  costUsd: number | null;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Every plan. People who run Heddle for themselves have the last one: nothing is limited that they don't limit. */
export const PLANS = {
  free: {
    title: "Free",
    concurrency: { initial: 5, most: 5 },
    run: { maxTokens: 200_000, maxCostUsd: 1, maxDurationMs: 10 * MINUTE, maxSteps: 1_000 },
    month: { executions: 1_000, tokens: 2_000_000, costUsd: 10 },
  },
  pro: {
    title: "Pro",
    concurrency: { initial: 25, most: 25 },
    run: { maxTokens: 2_000_000, maxCostUsd: 20, maxDurationMs: HOUR, maxSteps: 10_000 },
    month: { executions: 100_000, tokens: 200_000_000, costUsd: 1_000 },
  },
  team: {
    title: "Team",
    concurrency: { initial: 100, most: 100 },
    run: { maxTokens: 10_000_000, maxCostUsd: 100, maxDurationMs: 6 * HOUR, maxSteps: 100_000 },
    month: { executions: 1_000_000, tokens: 2_000_000_000, costUsd: 10_000 },
  },
  enterprise: {
    title: "Enterprise",
    concurrency: { initial: 500, most: null },
    run: { maxTokens: null, maxCostUsd: null, maxDurationMs: null, maxSteps: null },
    month: { executions: null, tokens: null, costUsd: null },
  },
  "self-hosted": {
    title: "Self-hosted",
    concurrency: { initial: 100, most: null },
    run: { maxTokens: null, maxCostUsd: null, maxDurationMs: null, maxSteps: null },
    month: { executions: null, tokens: null, costUsd: null },
  },
} as const satisfies Record<string, Plan>;

export type PlanName = keyof typeof PLANS;
export const PLAN_NAMES = Object.keys(PLANS) as [PlanName, ...PlanName[]];

/** The plan of this name; the given one where it is none, or none that is known. */
export function planNamed(name: string | null, otherwise: PlanName): PlanName {
  return name !== null && Object.hasOwn(PLANS, name) ? (name as PlanName) : otherwise;
}
