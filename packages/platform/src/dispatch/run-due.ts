import type { RunJournal } from "@heddle/db/journal";
import type { NodeRegistry } from "@heddle/node-kit";
import { compileAgent } from "@heddle/runtime";
import { HeddleError, toErrorInfo, type RunOutcome, type WaitResolution } from "@heddle/schema";
import { readStoredDocument } from "../agents/agent-resource.ts";
import type { ExecutionEngine, RunState } from "../executions/execution-engine.ts";
import { findTrigger } from "../executions/find-trigger.ts";
import type { Limits } from "../limits/limits.ts";
import type { DueExecution } from "./claim-due.ts";
import type { Hints } from "./hints.ts";
import type { PublishedAgents } from "./published-agents.ts";
import { MAX_CRASHES, retryDelay } from "./retry-policy.ts";

export interface RunDueOptions {
  engine: ExecutionEngine;
  published: PublishedAgents;
  registry: NodeRegistry;
  hints: Hints;
  admitRun: Limits["admitRun"];
  random: () => number;
}

/**
 * Runs what was taken from the queue, from its start or from where its journal ends. A failure that trying again may mend
 * puts it back into the queue for later. Resolves once this process is done with it.
 * @throws HeddleError unavailable where another process goes on
 */
export async function runDue(execution: DueExecution, options: RunDueOptions): Promise<void> {
  const { run, recorded, startedAt } = execution;
  const soFar = { usage: { inputTokens: 0, outputTokens: 0 }, steps: recorded.length, durationMs: Date.now() - startedAt.getTime() };
  if (execution.isCancelled) {
    await run.finish({ status: "cancelled", error: toErrorInfo(new HeddleError("run_cancelled", "The run was cancelled.")), ...soFar });
    return;
  }
  try {
    if (execution.crashes > MAX_CRASHES) throw crashLoop(execution.crashes);
    await perform(execution, options);
  } catch (error) {
    if (!(error instanceof HeddleError) || error.retryable) throw error;
    // It can't be run any more at all: it must not come back at every sweep.
    await run.finish({ status: "failed", error: toErrorInfo(error), ...soFar });
  }
}

async function perform(execution: DueExecution, { engine, published, registry, hints, random, admitRun }: RunDueOptions): Promise<void> {
  const { run, workspaceId, agentId, version, recorded, resolutions, attempt } = execution;
  // Nobody hears of a refusal when a clock or a failure starts a run, so it is refused here, where it shows.
  const isFirst = attempt === 0 && recorded.length === 0;
  if (isFirst && STARTS_BY_ITSELF.has(execution.trigger)) await admitRun({ workspaceId, agentId, isCounted: true });
  const draft = execution.config === null ? null : readStoredDocument(execution.config);
  const { document, compiled } =
    draft === null ? await published.get(workspaceId, agentId, version) : { document: draft, compiled: compileAgent(draft, registry) };
  const state: RunState = {
    journal: run,
    startedAt: execution.startedAt.getTime(),
    recorded,
    resolutions: Object.fromEntries(resolutions.map(({ key, resolution }) => [key, resolution as unknown as WaitResolution])),
    isRetry: attempt > 0,
    onFailure: (outcome, journal) => retryLater(outcome, { journal, failures: attempt + 1, hints, random }),
  };
  await engine.run(
    {
      workspaceId,
      agentId,
      deploymentId: execution.deploymentId,
      version,
      draft,
      compiled,
      trigger: execution.trigger,
      triggerNode: findTrigger(document, execution.trigger, execution.triggerNode)?.id,
      actor: execution.actor,
      input: execution.input,
      conversationId: execution.conversationId ?? undefined,
      isWatched: false,
    },
    state,
  );
}

const STARTS_BY_ITSELF = new Set(["schedule", "error"]);

/** @returns whether it is tried again; otherwise the failure is its outcome */
async function retryLater(
  { error }: Extract<RunOutcome, { status: "failed" }>,
  { journal, failures, hints, random }: { journal: RunJournal; failures: number; hints: Hints; random: () => number },
): Promise<boolean> {
  const delayMs = retryDelay(error, failures, random);
  if (delayMs === undefined) return false;
  const at = new Date(Date.now() + delayMs);
  await journal.retryAt(at, error);
  hints.sendAt(journal.workspaceId, at);
  return true;
}

function crashLoop(crashes: number): HeddleError {
  return new HeddleError("crash_loop", `${crashes} processes in a row stopped while they ran this, at the same step.`, {
    hint: "Look for a node that uses very much memory, make its input smaller, and redrive the run.",
  });
}
