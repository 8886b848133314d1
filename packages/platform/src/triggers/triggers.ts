import type { Journal, NewExecution } from "@heddle/db/journal";
import { createErrorHandlers } from "./error-handlers.ts";
import { startExecutionOutbox, type ExecutionConsumer, type ExecutionOutbox } from "./execution-outbox.ts";
import { createSchedules, type Schedules, type SchedulesOptions } from "./schedules.ts";
import { startScheduler, type Scheduler } from "./scheduler.ts";

export interface TriggersOptions extends Omit<SchedulesOptions, "enqueue"> {
  journal: Pick<Journal, "enqueue">;
  /** Told of a workspace with runs that now wait to be claimed. */
  onEnqueued: (workspaceId: string) => void;
  /** For how many days a workspace's executions are kept. */
  retentionOf: (workspaceId: string) => Promise<number>;
  /** Who else waits for executions to end. */
  consumers: ExecutionConsumer[];
  onFault: (fault: unknown, where: Record<string, unknown>) => void;
}

/** What starts runs by itself: schedules, and the failures of other agents. */
export interface Triggers {
  readonly schedules: Schedules;
  /** Begins to fire ticks and to hand on what has ended, in processes whose task that is. */
  start(): void;
  /** Something that somebody waits for was committed just now. */
  wake(): void;
  /** Resolves once nothing is under way any more. */
  close(): Promise<void>;
}

export function createTriggers(options: TriggersOptions): Triggers {
  const { db, access, audit, journal, onEnqueued, consumers, retentionOf, onFault } = options;
  let outbox: ExecutionOutbox | undefined;
  let scheduler: Scheduler | undefined;
  const enqueue = async (execution: NewExecution): Promise<void> => {
    await journal.enqueue(execution);
    onEnqueued(execution.workspaceId);
  };
  return {
    schedules: createSchedules({ db, access, audit, enqueue }),
    start: () => {
      outbox ??= startExecutionOutbox({ db, consumers: [createErrorHandlers({ enqueue }), ...consumers], onFault });
      scheduler ??= startScheduler({
        db,
        retentionOf,
        onFault,
        onFired: (ticks) => {
          for (const workspaceId of new Set(ticks.map((tick) => tick.workspaceId))) onEnqueued(workspaceId);
        },
      });
    },
    wake: () => outbox?.wake(),
    close: async () => {
      await Promise.all([outbox?.stop(), scheduler?.stop()]);
    },
  };
}
