import type { RunEvent } from "@heddle/schema";

/** A run, and where it belongs. */
export interface RunAddress {
  workspaceId: string;
  agentId: string;
  executionId: string;
}

/**
 * An event of a run, as watchers get it. `id` grows within the execution, whichever process runs it: each owner of a run
 * counts in a range of its own, above those of the owners before it. A range above them all is for what is not told by an
 * owner but read from the journal.
 */
export interface ExecutionEvent extends RunAddress {
  id: number;
  event: RunEvent;
}

/** Events that one owner of a run can tell. The database knows this number too. */
const IDS_PER_OWNER = 1_000_000_000;
/** The id of the first event that is read from the journal of a run that has ended. */
export const FIRST_RECORDED_ID = 9_000_000_000_000_000;

/** The first id of an owner of a run. @param epoch counts the run's owners from 1 */
export function firstIdOf(epoch: number): number {
  return (epoch - 1) * IDS_PER_OWNER + 1;
}

/** The step that an event says the outcome of. */
export function endedStepOf(event: RunEvent): string | undefined {
  return event.type === "step.completed" || event.type === "step.failed" ? event.key : undefined;
}
