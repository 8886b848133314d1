import { uuidv7 } from "@heddle/db";
import type { Interruption, Journal, RunJournal } from "@heddle/db/journal";
import { runAgent, type CompiledAgent } from "@heddle/runtime";
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
import type { Limits } from "../limits/limits.ts";
import { toWaitRow } from "../waits/wait-row.ts";
import { type Entry, Roster } from "../roster.ts";
import { RunPorts, type RunSurroundings } from "./run-ports.ts";

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

export interface EngineOptions extends RunSurroundings {
  journal: Journal;
  events: ExecutionEvents;
  /** What runs may use. */
  limits: Pick<Limits, "admitRun" | "capRun">;
  /** A run was put away, until then or until an answer comes. */
  onSuspended?: (workspaceId: string, wakeAt: Date | undefined) => void;
}

/** Runs agents in this process: accepts them durably, journals their steps, commits their outcomes. */
export class ExecutionEngine {
  readonly #options: EngineOptions;
  readonly #active = new Roster<RunPorts>();
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
    let begun: RunState;
    try {
      begun = this.begin(request, reservedId);
      if (request.isWatched || reservedId !== undefined) await begun.journal.accepted();
    } catch (error) {
      leave?.();
      throw error;
    }
    const finished = this.run(request, begun);
    if (leave !== undefined) finished.then(leave, leave);
    return { executionId: begun.journal.executionId, workspaceId: request.workspaceId, agentId: request.agentId, finished };
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
        config: draft === null ? undefined : (draft as unknown as Json),
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
    const { journal, startedAt, recorded } = state;
    const { events } = this.#options;
    const teller = events.follow({ journal, agentId: request.agentId, startedAt, recorded }, request.isWatched);
    const ports = new RunPorts(this.#options, request, state, teller);
    const finished = this.#perform(request, state, ports, this.#active.enter(journal.executionId, ports));
    // Callers that do not wait must not make an unhandled rejection of a run that is resumed later.
    finished.catch(ignore);
    ports.finished = finished;
    return finished;
  }

  /** Stops a run of this process; does nothing where it is not one. */
  interrupt(executionId: string, why: Interruption): void {
    const reason =
      why === "cancelled"
        ? new HeddleError("run_cancelled", "The run was cancelled.")
        : new HeddleError("unavailable", "Another process has taken this run over.");
    this.#active.find(executionId)?.abort(reason);
  }

  /** Whether a run goes on in this process. */
  isRunning(executionId: string): boolean {
    return this.#active.find(executionId) !== undefined;
  }

  /** Tells a run of this process that one of its waits was ended. */
  resolve(executionId: string, key: string, resolution: WaitResolution): void {
    this.#active.find(executionId)?.resolve(key, resolution);
  }

  /** Takes no new runs and lets those under way end within the time given (ms); the rest is left for others to resume. */
  async drain(withinMs: number): Promise<void> {
    this.#isStopping = true;
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise((resolve) => (timer = setTimeout(resolve, withinMs)));
    await Promise.race([this.#settleAll(), deadline]);
    clearTimeout(timer);
    for (const run of this.#active.items())
      run.abort(new HeddleError("unavailable", "Heddle is shutting down. The run goes on when it is back."));
    await this.#settleAll();
  }

  async #perform(request: RunRequest, state: RunState, ports: RunPorts, entry: Entry<RunPorts>): Promise<RunEnd> {
    const { events, limits, onFault } = this.#options;
    const { journal } = state;
    try {
      const { compiled } = request;
      const capped = limits.capRun(request.workspaceId, compiled.limits);
      const runLimits = capped instanceof Promise ? await capped : capped;
      const end = await runAgent(runLimits === compiled.limits ? compiled : { ...compiled, limits: runLimits }, ports);
      // The end is told once it is committed, so that nobody hears of an outcome that can still be lost.
      if (end.status === "completed") await journal.finish(end);
      else if (!(await this.#leave(end, state))) return end;
      ports.teller.tellEnd(end);
      return end;
    } catch (error) {
      const { executionId } = journal;
      if (this.#isStopping && ports.isAborted) await journal.release().catch((fault: unknown) => onFault(fault, { executionId }));
      // Nobody would go on with a lease that is renewed for nobody.
      journal.letGo();
      throw isLeaseLost(error) ? new HeddleError("unavailable", "Another process has taken this run over.", { cause: error }) : error;
    } finally {
      events.leave(ports.teller);
      this.#active.leave(entry);
    }
  }

  /** Commits how a run ended that did not complete. @returns false where it is not over: it failed and is tried again */
  async #leave(end: Exclude<RunEnd, { status: "completed" }>, { journal, onFailure }: RunState): Promise<boolean> {
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
    while (this.#active.size > 0) await Promise.allSettled(this.#active.items().map((run) => run.finished));
  }
}

function isLeaseLost(error: unknown): boolean {
  return error instanceof Error && error.name === "LeaseLostError";
}

function ignore(): void {}
