import type { PlanName } from "../limits/plans.ts";

/**
 * Whose hints go first where several wait. It decides nothing where there is room for all: a workspace that has what it
 * may have of a worker stands aside, whatever its plan.
 */
const PRIORITIES: Readonly<Record<PlanName, number>> = { free: -10, pro: 0, team: 10, enterprise: 20, "self-hosted": 0 };

/** The queue's priority of a plan, of its hints and of its runs. */
export function priorityOfPlan(plan: PlanName): number {
  return PRIORITIES[plan];
}
