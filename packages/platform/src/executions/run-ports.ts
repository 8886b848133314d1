import type { HandlerRegistry, RunFacts, StepServices } from "@heddle/node-kit";
import type { RunJournal } from "@heddle/db/journal";
import { systemClock, systemRandom, type AgentPort, type Journal, type RunOptions, type WaitPort } from "@heddle/runtime";
import type { Json, PendingWait, StepRecord, WaitResolution } from "@heddle/schema";
import type { RunTeller } from "../events/run-teller.ts";
import type { ServicesFor } from "../services/step-services.ts";
import { toWaitRow } from "../waits/wait-row.ts";
import type { RunEnd, RunRequest, RunState } from "./execution-engine.ts";

/** What all runs of this process share. */
export interface RunSurroundings {
  handlers: HandlerRegistry;
  servicesFor: ServicesFor;
  /** Where agents come from that run inside runs. */
  agentsOf?: ((workspaceId: string) => AgentPort) | undefined;
  /** Hears of faults inside runs, whose text must not reach their outcome. */
  onFault: (fault: unknown, where: { executionId: string; stepKey?: string }) => void;
}

/** Bytes of one step's output, which in file storage may be larger than what the runtime takes by itself. */
const LIMITS = { maxValueBytes: 10 * 1024 * 1024 };

/**
 * The world as a run of this process meets it, and the run as this process meets it. A class, because what a getter in an
 * object literal refers to, here all of the run, stays in memory until the next full collection.
 */
export class RunPorts implements RunOptions, Journal, WaitPort {
  readonly run: RunFacts;
  readonly pins: Record<string, Json> | undefined;
  readonly teller: RunTeller;
  /** Settles once the run has left this process. */
  finished: Promise<RunEnd> | undefined;
  readonly #around: RunSurroundings;
  readonly #request: RunRequest;
  readonly #state: RunState;
  // Made on first use: a short run needs neither.
  #controller: AbortController | undefined;
  #services: StepServices | undefined;
  #onResolved: ((key: string, resolution: WaitResolution) => void) | undefined;

  constructor(around: RunSurroundings, request: RunRequest, state: RunState, teller: RunTeller) {
    const { agentId, workspaceId, deploymentId, conversationId, draft } = request;
    const facts: RunFacts = {
      executionId: state.journal.executionId,
      agentId,
      workspaceId,
      startedAt: state.startedAt,
      isDeployed: deploymentId !== null,
    };
    this.run = conversationId === undefined ? facts : { ...facts, conversationId };
    this.pins = draft === null ? undefined : pinsOf(draft);
    this.teller = teller;
    this.#around = around;
    this.#request = request;
    this.#state = state;
  }

  get clock(): typeof systemClock {
    return systemClock;
  }

  get random(): typeof systemRandom {
    return systemRandom;
  }

  get limits(): typeof LIMITS {
    return LIMITS;
  }

  get input(): Json {
    return this.#request.input;
  }

  get trigger(): string | undefined {
    return this.#request.triggerNode;
  }

  get handlers(): HandlerRegistry {
    return this.#around.handlers;
  }

  get services(): StepServices {
    return (this.#services ??= this.#around.servicesFor(this.run, () => this.#journal.accepted()));
  }

  get agents(): AgentPort | undefined {
    return this.#around.agentsOf?.(this.run.workspaceId);
  }

  get onFault(): RunSurroundings["onFault"] {
    return this.#around.onFault;
  }

  get isRetry(): boolean | undefined {
    return this.#state.isRetry;
  }

  get signal(): AbortSignal {
    return (this.#controller ??= new AbortController()).signal;
  }

  get isAborted(): boolean {
    return this.#controller?.signal.aborted ?? false;
  }

  /** Cancels the run, or stops it; see {@link RunOptions.signal}. */
  abort(reason: unknown): void {
    (this.#controller ??= new AbortController()).abort(reason);
  }

  get #journal(): RunJournal {
    return this.#state.journal;
  }

  get journal(): Journal {
    return this;
  }

  get recorded(): readonly StepRecord[] {
    return this.#state.recorded;
  }

  append(step: StepRecord): void {
    this.#journal.append(step);
  }

  get waits(): WaitPort {
    return this;
  }

  get resolutions(): Readonly<Record<string, WaitResolution>> | undefined {
    return this.#state.resolutions;
  }

  opened(wait: PendingWait): void {
    const { executionId } = this.run;
    this.#journal.openWait(toWaitRow(wait)).catch((fault: unknown) => this.onFault(fault, { executionId }));
  }

  subscribe(listener: (key: string, resolution: WaitResolution) => void): () => void {
    this.#onResolved = listener;
    return () => {
      this.#onResolved = undefined;
    };
  }

  /** Tells the run that one of its waits was ended while it goes. */
  resolve(key: string, resolution: WaitResolution): void {
    this.#onResolved?.(key, resolution);
  }

  /** Somebody may begin to watch while it runs. */
  get onEvent(): RunTeller["onEvent"] {
    return this.teller.onEvent;
  }
}

function pinsOf(document: NonNullable<RunRequest["draft"]>): Record<string, Json> {
  return Object.fromEntries(document.nodes.flatMap((node) => (node.pinnedOutput === undefined ? [] : [[node.id, node.pinnedOutput]])));
}
