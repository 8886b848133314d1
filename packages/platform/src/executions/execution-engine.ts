import { uuidv7 } from "@heddle/db";
import type { Interruption, Journal, RunJournal } from "@heddle/db/journal";
import type { HandlerRegistry, RunFacts, StepServices } from "@heddle/node-kit";
import { runAgent, systemClock, systemRandom, type CompiledAgent } from "@heddle/runtime";
import {
  HeddleError,
  type AgentDocument,
  type ExecutionResource,
  type Json,
  type RunEvent,
  type RunOutcome,
  type StepRecord,
} from "@heddle/schema";
import { ExecutionEvents } from "./execution-events.ts";

/** What is to be run, once it is known that it may. */
export interface RunRequest {
  workspaceId: string;
  agentId: string;
  /** Null for a draft. */
  deploymentId: string | null;
  version: number | null;
  /** The document of a draft, kept with the execution so that it can be resumed after the draft has changed. */
  draft: AgentDocument | null;
  compiled: CompiledAgent;
  trigger: ExecutionResource["trigger"];
  /** Id of the trigger node; the document's first when absent. */
  triggerNode: string | undefined;
  /** `user:<id>` or `key:<id>`; null for a public webhook. */
  actor: string | null;
  input: Json;
  conversationId: string | undefined;
  /** Whether the caller wants to watch; runs that nobody watches make no events. */
  isWatched: boolean;
}

/** A run that was accepted: its row is committed. */
export interface StartedRun {
  executionId: string;
  /** Its outcome, once committed. @throws HeddleError unavailable where it has to be finished later or elsewhere */
  finished: Promise<RunOutcome>;
}

export interface EngineOptions {
  journal: Journal;
  handlers: HandlerRegistry;
  servicesFor: (run: RunFacts) => StepServices;
  /** Hears of faults inside runs, whose text must not reach their outcome. */
  onFault: (fault: unknown, where: { executionId: string; stepKey?: string }) => void;
}

/** Bytes of one step's output. */
const MAX_VALUE_BYTES = 1024 * 1024;

interface ActiveRun {
  controller: AbortController;
  settled: Promise<unknown>;
}

/** Runs agents in this process: accepts them durably, journals their steps, commits their outcomes. */
export class ExecutionEngine {
  readonly events = new ExecutionEvents();
  readonly #options: EngineOptions;
  readonly #active = new Map<string, ActiveRun>();
  #isStopping = false;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  /** Accepts a run, under a reserved id where there is one, and begins it. Resolves once it is committed. @throws HeddleError unavailable */
  async start(request: RunRequest, executionId: string = uuidv7()): Promise<StartedRun> {
    if (this.#isStopping) throw new HeddleError("unavailable", "Heddle is shutting down. Try again in a moment.");
    const startedAt = Date.now();
    const { workspaceId, agentId, deploymentId, version, draft, trigger, actor, input, conversationId } = request;
    const journal = await this.#options.journal.accept(
      {
        id: executionId,
        workspaceId,
        agentId,
        deploymentId,
        version,
        ...(draft === null ? {} : { config: draft as unknown as Json }),
        conversationId: conversationId ?? null,
        trigger,
        actor,
        input,
        startedAt: new Date(startedAt),
      },
      (why) => this.interrupt(executionId, why),
    );
    return { executionId, finished: this.run(request, { journal, startedAt, recorded: [] }) };
  }

  /** Runs what was accepted, from its start or from where its journal ends. */
  run(request: RunRequest, state: { journal: RunJournal; startedAt: number; recorded: StepRecord[] }): Promise<RunOutcome> {
    const { executionId } = state.journal;
    const controller = new AbortController();
    const active: ActiveRun = { controller, settled: Promise.resolve() };
    this.#active.set(executionId, active);
    const finished = this.#perform(request, state, controller).finally(() => this.#active.delete(executionId));
    // Callers that do not wait must not make an unhandled rejection of a run that is resumed later.
    active.settled = finished.catch(() => undefined);
    return finished;
  }

  /** Stops a run of this process; does nothing where it is not one. */
  interrupt(executionId: string, why: Interruption): void {
    const reason =
      why === "cancelled"
        ? new HeddleError("run_cancelled", "The run was cancelled.")
        : new HeddleError("unavailable", "Another process has taken this run over.");
    this.#active.get(executionId)?.controller.abort(reason);
  }

  /** Takes no new runs and lets those under way end within the time given (ms); the rest is left for others to resume. */
  async drain(withinMs: number): Promise<void> {
    this.#isStopping = true;
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise((resolve) => (timer = setTimeout(resolve, withinMs)));
    await Promise.race([this.#settleAll(), deadline]);
    clearTimeout(timer);
    for (const run of this.#active.values())
      run.controller.abort(new HeddleError("unavailable", "Heddle is shutting down. The run goes on when it is back."));
    await this.#settleAll();
  }

  async #perform(
    request: RunRequest,
    { journal, startedAt, recorded }: { journal: RunJournal; startedAt: number; recorded: StepRecord[] },
    controller: AbortController,
  ): Promise<RunOutcome> {
    const { handlers, servicesFor, onFault } = this.#options;
    const { executionId } = journal;
    const { workspaceId, agentId, deploymentId, conversationId, draft, triggerNode } = request;
    const facts: RunFacts = {
      executionId,
      agentId,
      workspaceId,
      startedAt,
      isDeployed: deploymentId !== null,
      ...(conversationId === undefined ? {} : { conversationId }),
    };
    const publish =
      request.isWatched || this.events.isAgentWatched(agentId) ? this.events.open(executionId, agentId, workspaceId) : undefined;
    let end: RunEvent | undefined;
    try {
      const outcome = await runAgent(request.compiled, {
        input: request.input,
        run: facts,
        services: servicesFor(facts),
        handlers,
        journal: { recorded, append: (step) => journal.append(step) },
        clock: systemClock,
        random: systemRandom,
        signal: controller.signal,
        limits: { maxValueBytes: MAX_VALUE_BYTES },
        ...(triggerNode === undefined ? {} : { trigger: triggerNode }),
        ...(draft === null ? {} : { pins: pinsOf(draft) }),
        // The end is told once it is committed, so that nobody hears of an outcome that can still be lost.
        ...(publish === undefined
          ? {}
          : { onEvent: (event: RunEvent) => (event.type === "run.finished" ? void (end = event) : publish(event)) }),
        onFault,
      });
      await journal.finish(outcome).catch((error: unknown) => {
        // A run that was cancelled may have been deleted, with its agent, and still has somebody who waits for it.
        if (outcome.status !== "cancelled" || !isLeaseLost(error)) throw error;
      });
      if (end) publish?.(end);
      return outcome;
    } catch (error) {
      if (this.#isStopping && controller.signal.aborted) await journal.release().catch((fault: unknown) => onFault(fault, { executionId }));
      throw isLeaseLost(error) ? new HeddleError("unavailable", "Another process has taken this run over.", { cause: error }) : error;
    } finally {
      if (publish) this.events.close(executionId);
    }
  }

  async #settleAll(): Promise<void> {
    while (this.#active.size > 0) await Promise.all([...this.#active.values()].map((run) => run.settled));
  }
}

function isLeaseLost(error: unknown): boolean {
  return error instanceof Error && error.name === "LeaseLostError";
}

function pinsOf(document: AgentDocument): Record<string, Json> {
  return Object.fromEntries(document.nodes.flatMap((node) => (node.pinnedOutput === undefined ? [] : [[node.id, node.pinnedOutput]])));
}
