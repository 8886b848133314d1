import type { RunJournal } from "@heddle/db/journal";
import type { HandlerRegistry, RunFacts, StepServices } from "@heddle/node-kit";
import { systemClock, systemRandom, type AgentPort, type Journal, type RunOptions, type WaitPort } from "@heddle/runtime";
import type { Json, PendingWait, StepRecord, WaitResolution } from "@heddle/schema";
import type { RunTeller } from "../events/run-teller.ts";
import { toWaitRow } from "../waits/wait-row.ts";

export interface RunPortsOptions {
  run: RunFacts;
  input: Json;
  services: StepServices;
  handlers: HandlerRegistry;
  journal: RunJournal;
  recorded: readonly StepRecord[];
  teller: Pick<RunTeller, "onEvent">;
  active: ActiveRun;
  agents: AgentPort | undefined;
  trigger: string | undefined;
  pins: Record<string, Json> | undefined;
  resolutions: Readonly<Record<string, WaitResolution>> | undefined;
  isRetry: boolean | undefined;
  onFault: (fault: unknown, where: { executionId: string; stepKey?: string }) => void;
}

/** A run that goes on in this process. */
export interface ActiveRun {
  readonly controller: AbortController;
  settled: Promise<unknown>;
  /** Hears of waits that were ended while the run goes. */
  onResolved: ((key: string, resolution: WaitResolution) => void) | undefined;
}

/** Bytes of one step's output, which in file storage may be larger than what the runtime takes by itself. */
const LIMITS = { maxValueBytes: 10 * 1024 * 1024 };

/**
 * The world as a run of this process meets it. A class, because what a getter in an object literal refers to, here all of
 * the run, stays in memory until the next full collection.
 */
export class RunPorts implements RunOptions, Journal, WaitPort {
  readonly clock = systemClock;
  readonly random = systemRandom;
  readonly limits = LIMITS;
  readonly run: RunFacts;
  readonly input: Json;
  readonly services: StepServices;
  readonly handlers: HandlerRegistry;
  readonly recorded: readonly StepRecord[];
  readonly signal: AbortSignal;
  readonly agents: AgentPort | undefined;
  readonly trigger: string | undefined;
  readonly pins: Record<string, Json> | undefined;
  readonly resolutions: Readonly<Record<string, WaitResolution>> | undefined;
  readonly isRetry: boolean | undefined;
  readonly onFault: RunPortsOptions["onFault"];
  readonly #journal: RunJournal;
  readonly #teller: RunPortsOptions["teller"];
  readonly #active: ActiveRun;

  constructor(options: RunPortsOptions) {
    this.run = options.run;
    this.input = options.input;
    this.services = options.services;
    this.handlers = options.handlers;
    this.recorded = options.recorded;
    this.signal = options.active.controller.signal;
    this.agents = options.agents;
    this.trigger = options.trigger;
    this.pins = options.pins;
    this.resolutions = options.resolutions;
    this.isRetry = options.isRetry;
    this.onFault = options.onFault;
    this.#journal = options.journal;
    this.#teller = options.teller;
    this.#active = options.active;
  }

  get journal(): Journal {
    return this;
  }

  append(step: StepRecord): void {
    this.#journal.append(step);
  }

  get waits(): WaitPort {
    return this;
  }

  opened(wait: PendingWait): void {
    const { executionId } = this.#journal;
    this.#journal.openWait(toWaitRow(wait)).catch((fault: unknown) => this.onFault(fault, { executionId }));
  }

  subscribe(listener: (key: string, resolution: WaitResolution) => void): () => void {
    this.#active.onResolved = listener;
    return () => {
      this.#active.onResolved = undefined;
    };
  }

  /** Somebody may begin to watch while it runs. */
  get onEvent(): RunTeller["onEvent"] {
    return this.#teller.onEvent;
  }
}
