import type { Database } from "@heddle/db";
import type { ClaimedExecution, Journal } from "@heddle/db/journal";
import type { NodeRegistry } from "@heddle/node-kit";
import { compileAgent } from "@heddle/runtime";
import { HeddleError, toErrorInfo } from "@heddle/schema";
import { readStoredDocument } from "../agents/agent-resource.ts";
import type { ExecutionEngine } from "./execution-engine.ts";
import { findTrigger } from "./find-trigger.ts";

/** How often runs without a living owner are looked for, ms. With a lease of 30 s, a dead process is noticed within 45 s. */
const SWEEP_EVERY_MS = 15_000;
/** Runs that are claimed at once, and that may go on at once after a crash; the others follow as these end. */
const PER_CLAIM = 20;
const MAX_RESUMED = 200;

export interface ResumeOptions {
  db: Database;
  journal: Journal;
  engine: ExecutionEngine;
  registry: NodeRegistry;
  /** Whether no other process works on this database: then whoever holds a lease is dead, and nothing is waited for. */
  isAlone: boolean;
  onFault: (fault: unknown, where: { executionId: string }) => void;
}

/** Goes on with runs whose process died, from their last step, now and every 15 s. Returns what stops the sweep. */
export function resumeExecutions(options: ResumeOptions): { sweep: () => Promise<number>; stop: () => void } {
  const { journal, engine, isAlone, onFault } = options;
  let resumed = 0;
  const stopping = new AbortController();
  const sweep = async (): Promise<number> => {
    let count = 0;
    for (let wasFull = true; wasFull && resumed < MAX_RESUMED && !stopping.signal.aborted;) {
      const claimed = await journal.claim(PER_CLAIM, (id, why) => engine.interrupt(id, why));
      wasFull = claimed.length === PER_CLAIM;
      count += claimed.length;
      for (const execution of claimed) {
        resumed += 1;
        void resume(execution, options)
          .catch((fault: unknown) => onFault(fault, { executionId: execution.run.executionId }))
          .finally(() => {
            // Whether others wait is known only where there was no room for them.
            if (resumed-- === MAX_RESUMED) tryToSweep();
          });
      }
    }
    return count;
  };
  const reportFault = (fault: unknown) => onFault(fault, { executionId: "" });
  const tryToSweep = () => void sweep().catch(reportFault);
  const timer = setInterval(tryToSweep, SWEEP_EVERY_MS);
  timer.unref();
  void (isAlone ? journal.outlive() : Promise.resolve()).catch(reportFault).then(tryToSweep);
  return {
    sweep,
    stop: () => {
      stopping.abort();
      clearInterval(timer);
    },
  };
}

async function resume(execution: ClaimedExecution, { db, engine, registry }: ResumeOptions): Promise<void> {
  const { run, workspaceId, agentId, recorded } = execution;
  const startedAt = execution.startedAt.getTime();
  const soFar = { usage: { inputTokens: 0, outputTokens: 0 }, steps: recorded.length, durationMs: Date.now() - startedAt };
  if (execution.isCancelled) {
    await run.finish({ status: "cancelled", error: toErrorInfo(new HeddleError("run_cancelled", "The run was cancelled.")), ...soFar });
    return;
  }
  try {
    const draft = execution.config === null ? null : readStoredDocument(execution.config);
    const document = draft ?? (await publishedDocument(db, execution));
    const outcome = engine.run(
      {
        workspaceId,
        agentId,
        deploymentId: execution.deploymentId,
        version: execution.version,
        draft,
        compiled: compileAgent(document, registry),
        trigger: execution.trigger as "api",
        triggerNode: findTrigger(document, execution.trigger, execution.triggerNode)?.id,
        actor: execution.actor,
        input: execution.input,
        conversationId: execution.conversationId ?? undefined,
        isWatched: true,
      },
      { journal: run, startedAt, recorded },
    );
    await outcome;
  } catch (error) {
    if (!(error instanceof HeddleError) || error.retryable) throw error;
    // It can't be run any more at all: it must not come back at every sweep.
    await run.finish({ status: "failed", error: toErrorInfo(error), ...soFar });
  }
}

async function publishedDocument(db: Database, { workspaceId, agentId, version }: ClaimedExecution) {
  const row =
    version === null
      ? null
      : await db.prismaFor(workspaceId).agentVersion.findFirst({ where: { agentId, number: version }, select: { config: true } });
  if (!row) throw new HeddleError("not_found", "The version that this run belongs to no longer exists.");
  return readStoredDocument(row.config);
}
