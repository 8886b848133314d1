import type { StepRecord } from "./journal.ts";

/**
 * What stands of a run's records, in the order in which they were written: a step that was written twice keeps its first
 * outcome, but for a failure that ended an attempt: the next attempt ran the step anew.
 */
export function standingSteps(written: Iterable<StepRecord>): StepRecord[] {
  const byKey = new Map<string, StepRecord>();
  for (const step of written) {
    const first = byKey.get(step.key);
    if (first !== undefined && (first.status !== "failed" || first.ports.length > 0)) continue;
    byKey.delete(step.key);
    byKey.set(step.key, step);
  }
  return [...byKey.values()];
}
