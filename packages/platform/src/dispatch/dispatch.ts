import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "@heddle/db";
import type { Journal, NewExecution } from "@heddle/db/journal";
import { claimIdle, queueDepth, type QueueDepth } from "@heddle/db/queue-statements";
import { joinQueue, leaveQueue } from "@heddle/db/queue-turns";
import type { Jobs } from "@heddle/jobs";
import type { NodeRegistry } from "@heddle/node-kit";
import { HeddleError, toErrorInfo } from "@heddle/schema";
import type { ExecutionEngine } from "../executions/execution-engine.ts";
import type { Limits } from "../limits/limits.ts";
import type { WorkspaceLimits } from "../limits/workspace-limits.ts";
import { createClaimDue } from "./claim-due.ts";
import { ExecutionWorker } from "./execution-worker.ts";
import { Hints } from "./hints.ts";
import { priorityOfPlan } from "./plan-priority.ts";
import type { PublishedAgents } from "./published-agents.ts";
import { runDue } from "./run-due.ts";
import { startSweep, type Sweep } from "./sweep.ts";

export interface DispatchOptions {
  db: Database;
  journal: Journal;
  engine: ExecutionEngine;
  published: PublishedAgents;
  registry: NodeRegistry;
  jobs: Jobs;
  limitsOf: (workspaceId: string) => WorkspaceLimits | Promise<WorkspaceLimits>;
  /** Asked for every run that is put into the queue, or has got there by itself. */
  admitRun: Limits["admitRun"];
  /** Runs that this process takes from the queue at once; 200 by default. */
  slots?: number | undefined;
  sweepEveryMs?: number | undefined;
  /** Uniform in [0, 1); spreads retries. */
  random?: (() => number) | undefined;
  onFault: (fault: unknown, where: Record<string, unknown>) => void;
}

/** What autoscaling goes by. */
export interface DispatchMetrics extends QueueDepth {
  /** Of this process. */
  running: number;
  slots: number;
  /** Runs that this process has taken since it started. */
  taken: number;
}

/** The queue of executions: PostgreSQL holds it, hints tell workers where something is due. */
export interface Dispatch {
  /** Accepts an execution for whoever takes it. Resolves once it is committed. */
  enqueue(execution: NewExecution): Promise<void>;
  /** Something was put into the queue, in another way than by {@link Dispatch.enqueue}, or woken. */
  hint(workspaceId: string, at?: Date): void;
  /** Ends a run that nobody works on. @returns false where somebody does, or where it has ended */
  cancelIdle(workspaceId: string, executionId: string): Promise<boolean>;
  /** Resolves once this process takes runs; tries until it does. `isAlone`: no other process works on this database, so whoever holds a lease is dead. */
  startWorker(options: { isAlone: boolean }): Promise<void>;
  /** Takes nothing more. The engine is drained after this, and {@link Dispatch.close} comes last. */
  stopWorker(): Promise<void>;
  metrics(): Promise<DispatchMetrics>;
  close(): Promise<void>;
}

const DEFAULT_SLOTS = 200;
/** How long a worker waits before it tries to start again, ms. */
const START_AGAIN_MS = 1_000;
/** Leases that only last until the outcome is written, ms. */
const SHORT_LEASE_MS = 30_000;

export function createDispatch(options: DispatchOptions): Dispatch {
  const {
    db,
    journal,
    engine,
    published,
    registry,
    jobs,
    limitsOf,
    slots = DEFAULT_SLOTS,
    sweepEveryMs,
    random = Math.random,
    onFault,
  } = options;
  const report = (fault: unknown) => onFault(fault, { during: "dispatch" });
  const hints = new Hints({
    jobs,
    priorityOf: async (workspaceId) => priorityOfPlan((await limitsOf(workspaceId)).plan),
    onUnsent: (id) => worker.followSoon(id),
    onFault: report,
  });
  const claim = createClaimDue({ journal, limitsOf, onInterrupt: (id, why) => engine.interrupt(id, why) });
  const worker = new ExecutionWorker({
    jobs,
    hints,
    claim,
    run: (execution) => runDue(execution, { engine, published, registry, hints, random, admitRun: options.admitRun }),
    slots,
    onFault,
  });
  let sweep: Sweep | undefined;
  let isStopping = false;

  return {
    enqueue: async (execution) => {
      const { workspaceId, agentId, availableAt } = execution;
      await options.admitRun({ workspaceId, agentId, isQueued: true });
      await journal.enqueue(execution);
      if (availableAt) hints.sendAt(workspaceId, availableAt);
      else hints.send(workspaceId);
    },
    hint: (workspaceId, at) => (at === undefined ? hints.send(workspaceId) : hints.sendAt(workspaceId, at)),
    cancelIdle: async (workspaceId, id) => {
      const [idle] = await journal.claim(1, undefined, (pool, owner) =>
        claimIdle(pool, { workspaceId, id, owner, leaseMs: SHORT_LEASE_MS }),
      );
      if (idle === undefined) return false;
      await idle.run.finish({
        status: "cancelled",
        error: toErrorInfo(new HeddleError("run_cancelled", "The run was cancelled.")),
        usage: { inputTokens: 0, outputTokens: 0 },
        steps: idle.recorded.length,
        durationMs: 0,
      });
      return true;
    },
    startWorker: async ({ isAlone }) => {
      for (;;) {
        try {
          if (isAlone) await journal.outlive();
          await joinQueue(db.pools.journal, journal.owner);
          await worker.start();
          break;
        } catch (fault) {
          report(fault);
          await sleep(START_AGAIN_MS, undefined, { ref: false });
          if (isStopping) return;
        }
      }
      sweep = startSweep({
        db,
        hints,
        onFault: report,
        ...(sweepEveryMs === undefined ? {} : { everyMs: sweepEveryMs }),
      });
      await sweep.now();
    },
    stopWorker: async () => {
      isStopping = true;
      await sweep?.stop();
      await worker.stop();
      if (sweep !== undefined) await leaveQueue(db.pools.journal, journal.owner).catch(report);
    },
    metrics: async () => ({ ...(await queueDepth(db.pools.journal)), running: worker.slots.taken, slots, taken: worker.taken }),
    close: async () => {
      await hints.settle();
    },
  };
}
