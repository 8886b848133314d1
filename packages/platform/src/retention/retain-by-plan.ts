import { DEFAULT_RETENTION_DAYS, type Journal, type NewExecution } from "@heddle/db/journal";
import type { Retention } from "./retention-days.ts";

/** A journal that keeps each execution for as long as its workspace's plan says. */
export function retainByPlan(journal: Journal, retention: Retention): Journal {
  const withDays = (execution: NewExecution, days: number): NewExecution =>
    execution.retention !== undefined || days === DEFAULT_RETENTION_DAYS ? execution : { ...execution, retention: days };
  return {
    ...journal,
    begin: (execution, onInterrupt) => journal.begin(withDays(execution, retention.known(execution.workspaceId)), onInterrupt),
    accept: async (execution, onInterrupt) =>
      await journal.accept(withDays(execution, await retention.of(execution.workspaceId)), onInterrupt),
    enqueue: async (execution) => await journal.enqueue(withDays(execution, await retention.of(execution.workspaceId))),
  };
}
