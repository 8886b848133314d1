import { uuidv7 } from "@heddle/db";
import type { Interruption, Journal, RunJournal } from "@heddle/db/journal";
import type { HandlerRegistry, RunFacts } from "@heddle/node-kit";
import { runAgent, type AgentPort, type CompiledAgent } from "@heddle/runtime";
import {
  HeddleError,
  type AgentDocument,
  type Json,
  type RunOutcome,
  type RunSuspension,
  type StepRecord,
  type WaitResolution,
} from "@heddle/schema";
import type { ExecutionEvents } from "../events/execution-events.ts";
import type { ServicesFor } from "../services/step-services.ts";
import type { Limits } from "../limits/limits.ts";
import { toWaitRow } from "../waits/wait-row.ts";
import { Roster } from "../roster.ts";
import { type ActiveRun, RunPorts } from "./run-ports.ts";

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
  /** What brought it in: test, api, chat, webhook, schedule, error. */
  trigger: string;
  /** Id of the trigger node; the document's first when absent. */
  triggerNode: string | undefined;
  /** `user:<id>` or `key:<id>`; null for a public webhook. */
  actor: string | null;
  input: Json;
  conversationId: string | undefined;
  /** Whether somebody will watch it in a moment; runs that nobody watches make no events. */
  isWatched: boolean;
}

/** How a run left this process: with its outcome, or suspended until one of its waits ends. */
export type RunEnd = RunOutcome | RunSuspension;

/** A run that was begun. */
export interface StartedRun {
  executionId: string;
  workspaceId: string;
  agentId: string;
  /** How it ended, once that is committed. @throws HeddleError unavailable where it has to be finished later or elsewhere */
  finished: Promise<RunEnd>;
}

/** From where a run goes on. */
export interface RunState {
  journal: RunJournal;
  /** ms since the epoch */
  startedAt: number;
  recorded: StepRecord[];
  /** How waits ended that it was suspended for, by step key. */
  resolutions?: Readonly<Record<string, WaitResolution>>;
  /** Whether it failed before and is tried again. */
  isRetry?: boolean;
  /**
   * Of a run that nobody waits for: what to do with a failure instead of making it the outcome. True means that the
   * journal has let go of the run.
   */
  onFailure?: (outcome: Extract<RunOutcome, { status: "failed" }>, journal: RunJournal) => Promise<boolean>;
}

export interface EngineOptions {
  journal: Journal;
  handlers: HandlerRegistry;
  servicesFor: ServicesFor;
  /** Where agents come from that run inside runs. */
  agentsOf?: (workspaceId: string) => AgentPort;
  events: ExecutionEvents;
  /** What runs may use. */
  limits: Pick<Limits, "admitRun" | "capRun">;
  /** A run was put away, until then or until an answer comes. */
  onSuspended?: (workspaceId: string, wakeAt: Date | undefined) => void;
  /** Hears of faults inside runs, whose text must not reach their outcome. */
  onFault: (fault: unknown, where: { executionId: string; stepKey?: string }) => void;
}

/** Runs agents in this process: accepts them durably, journals their steps, commits their outcomes. */
export class ExecutionEngine {
  readonly #options: EngineOptions;
  readonly #active = new Roster<ActiveRun>();
  #isStopping = false;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  /**
   * Begins a run, under a reserved id where there is one. One that is watched, or whose id somebody else may hold, is on
   * disk before this resolves; another may be written with its outcome, which is when its caller hears of it.
   * @throws HeddleError unavailable, quota_exceeded, rate_limited where as many go on as may
   */
  async start(request: RunRequest, reservedId?: string): Promise<StartedRun> {
    const admitted = this.#options.limits.admitRun(request);
    const leave = admitted instanceof Promise ? await admitted : admitted;
    const started = this.#startAdmitted(request, reservedId);
    if (leave !== undefined) started.then(({ finished }) => finished.then(leave, leave), leave);
    return await started;
  }

  async #startAdmitted(request: RunRequest, reservedId: string | undefined): Promise<StartedRun> {
    const begun = this.begin(request, reservedId);
    if (request.isWatched || reservedId !== undefined) await begun.journal.accepted();
    const { workspaceId, agentId } = request;
    return { executionId: begun.journal.executionId, workspaceId, agentId, finished: this.run(request, begun) };
  }

  /** Begins a run's journal. @throws HeddleError unavailable while shutting down, invalid_request */
  begin(request: RunRequest, executionId: string = uuidv7()): RunState {
    if (this.#isStopping) throw new HeddleError("unavailable", "Heddle is shutting down. Try again in a moment.");
    const startedAt = Date.now();
    const { draft } = request;
    const journal = this.#options.journal.begin(
      {
        id: executionId,
        workspaceId: request.workspaceId,
        agentId: request.agentId,
        deploymentId: request.deploymentId,
        version: request.version,
        ...(draft === null ? {} : { config: draft as unknown as Json }),
        conversationId: request.conversationId ?? null,
        trigger: request.trigger,
        triggerNode: request.triggerNode ?? null,
        actor: request.actor,
        input: request.input,
        startedAt: new Date(startedAt),
      },
      (why) => this.interrupt(executionId, why),
    );
    return { journal, startedAt, recorded: [] };
  }

  /** Runs what was begun, from its start or from where its journal ends. */
  run(request: RunRequest, state: RunState): Promise<RunEnd> {
    const { executionId } = state.journal;
    const controller = new AbortController();
    const active: ActiveRun = { controller, settled: Promise.resolve(), onResolved: undefined };
    const entry = this.#active.enter(executionId, active);
    const finished = this.#perform(request, state, active);
    // Callers that do not wait must not make an unhandled rejection of a run that is resumed later.
    const settle = () => this.#active.leave(entry);
    active.settled = finished.then(settle, settle);
    return finished;
  }

  /** Stops a run of this process; does nothing where it is not one. */
  interrupt(executionId: string, why: Interruption): void {
    const reason =
      why === "cancelled"
        ? new HeddleError("run_cancelled", "The run was cancelled.")
        : new HeddleError("unavailable", "Another process has taken this run over.");
    this.#active.find(executionId)?.controller.abort(reason);
  }

  /** Whether a run goes on in this process. */
  isRunning(executionId: string): boolean {
    return this.#active.find(executionId) !== undefined;
  }

  /** Tells a run of this process that one of its waits was ended. */
  resolve(executionId: string, key: string, resolution: WaitResolution): void {
    this.#active.find(executionId)?.onResolved?.(key, resolution);
  }

  /** Takes no new runs and lets those under way end within the time given (ms); the rest is left for others to resume. */
  async drain(withinMs: number): Promise<void> {
    this.#isStopping = true;
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise((resolve) => (timer = setTimeout(resolve, withinMs)));
    await Promise.race([this.#settleAll(), deadline]);
    clearTimeout(timer);
    for (const run of this.#active.items())
      run.controller.abort(new HeddleError("unavailable", "Heddle is shutting down. The run goes on when it is back."));
    await this.#settleAll();
  }

  async #perform(request: RunRequest, state: RunState, active: ActiveRun): Promise<RunEnd> {
    const { controller } = active;
    const { handlers, servicesFor, agentsOf, events, limits, onFault } = this.#options;
    const { journal, recorded, resolutions, isRetry, onFailure } = state;
    const { executionId } = journal;
    const { workspaceId, agentId, conversationId, draft, triggerNode } = request;
    const facts: RunFacts = {
      executionId,
      agentId,
      workspaceId,
      startedAt: state.startedAt,
      isDeployed: request.deploymentId !== null,
      ...(conversationId === undefined ? {} : { conversationId }),
    };
    const teller = events.follow({ journal, agentId, startedAt: state.startedAt, recorded }, request.isWatched);
    try {
      const capped = limits.capRun(workspaceId, request.compiled.limits);
      const runLimits = capped instanceof Promise ? await capped : capped;
      const agent = runLimits === request.compiled.limits ? request.compiled : { ...request.compiled, limits: runLimits };
      const end = await runAgent(
        agent,
        new RunPorts({
          run: facts,
          input: request.input,
          services: servicesFor(facts, () => journal.accepted()),
          handlers,
          journal,
          recorded,
          teller,
          active,
          agents: agentsOf?.(workspaceId),
          trigger: triggerNode,
          pins: draft === null ? undefined : pinsOf(draft),
          resolutions,
          isRetry,
          onFault,
        }),
      );
      // The end is told once it is committed, so that nobody hears of an outcome that can still be lost.
      if (await this.#leave(end, journal, onFailure)) teller.tellEnd(end);
      return end;
    } catch (error) {
      if (this.#isStopping && controller.signal.aborted) await journal.release().catch((fault: unknown) => onFault(fault, { executionId }));
      // Nobody would go on with a lease that is renewed for nobody.
      journal.letGo();
      throw isLeaseLost(error) ? new HeddleError("unavailable", "Another process has taken this run over.", { cause: error }) : error;
    } finally {
      events.leave(teller);
    }
  }

  /** Commits how a run ended. @returns false where it did not: it failed and is tried again */
  async #leave(end: RunEnd, journal: RunJournal, onFailure: RunState["onFailure"]): Promise<boolean> {
    if (end.status === "waiting") {
      const wakeAt = end.wakeAt === undefined ? null : new Date(end.wakeAt);
      await journal.suspend(end.waits.map(toWaitRow), wakeAt);
      this.#options.onSuspended?.(journal.workspaceId, wakeAt ?? undefined);
      return true;
    }
    if (end.status === "failed" && onFailure !== undefined && (await onFailure(end, journal))) return false;
    try {
      await journal.finish(end);
    } catch (error) {
      // A run that was cancelled may have been deleted, with its agent, and still has somebody who waits for it.
      if (end.status !== "cancelled" || !isLeaseLost(error)) throw error;
    }
    return true;
  }

  async #settleAll(): Promise<void> {
    while (this.#active.size > 0) await Promise.all(this.#active.items().map((run) => run.settled));
  }
}

function isLeaseLost(error: unknown): boolean {
  return error instanceof Error && error.name === "LeaseLostError";
}

function pinsOf(document: AgentDocument): Record<string, Json> {
  return Object.fromEntries(document.nodes.flatMap((node) => (node.pinnedOutput === undefined ? [] : [[node.id, node.pinnedOutput]])));
}
