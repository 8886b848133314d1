import type { HandlerRegistry, RunFacts, StepServices } from "@heddle/node-kit";
import type { Json, PendingWait, RunEvent, RunLimits, StepRecord, WaitResolution } from "@heddle/schema";
import type { CompiledAgent } from "./compiled-agent.ts";

/** What the runtime needs of time. Nothing in this package reads a clock or sets a timer but through it. */
export interface Clock {
  /** ms since the epoch */
  now(): number;
  /** Calls back once, after `ms`, unless the function that it returns is called before. */
  wakeAfter(ms: number, wake: () => void): () => void;
}

/**
 * The outcomes of a run's steps: its checkpoint. What `recorded` holds is not run again.
 * No successor of a step starts before `append` has returned, or, when it returns a promise, before that resolved.
 */
export interface Journal {
  /** Outcomes of earlier owners of this run, in any order. */
  readonly recorded: readonly StepRecord[];
  /** Throwing or rejecting stops the run without an outcome: see {@link RunOptions}. */
  append(step: StepRecord): void | Promise<void>;
}

/** Ceilings of one run. What the document sets goes before what the caller sets, and that before the defaults. */
export interface Limits extends RunLimits {
  /** Size of one step's output as JSON in UTF-8, bytes. */
  maxValueBytes?: number;
}

/** How the waits of a run are told and ended while it goes. Without it a wait ends by a resume or by its time only. */
export interface WaitPort {
  /** Hears of a wait as soon as it begins, because other branches may go on for long. It may be told again after a resume. */
  opened?(wait: PendingWait): void;
  /** Calls the listener for every wait that is resolved while the run goes. Returns what stops it. */
  subscribe(listener: (key: string, resolution: WaitResolution) => void): () => void;
}

/** Where the agents come from that run inside a run. */
export interface AgentPort {
  /**
   * The deployed version of an agent of the run's workspace; the given version when a resumed run began with it.
   * @throws HeddleError not_found
   */
  load(agentId: string, version?: number): Promise<{ agent: CompiledAgent; version: number }>;
}

/** Everything a run touches besides its document. */
export interface RunOptions {
  /** The run's input. */
  input: Json;
  run: RunFacts;
  services: StepServices;
  handlers: HandlerRegistry;
  journal: Journal;
  clock: Clock;
  /** Uniform in [0, 1); spreads retries. */
  random: () => number;
  /**
   * Aborting it cancels the run, even when handlers ignore their own signals. Aborting it with a HeddleError other than
   * `run_cancelled` (a shutdown, a lost lease) stops the run without an outcome instead, so that another owner can
   * resume it: the run's promise rejects with that error.
   */
  signal: AbortSignal;
  /** Whether the signal is aborted as the run begins. Given where the signal is only made once it is asked for. */
  isAborted?: boolean;
  limits?: Limits;
  /** Id of the trigger that starts the run. By default the one the journal names, else the document's first. */
  trigger?: string | undefined;
  /** Outputs by node id to use instead of running those nodes. */
  pins?: Readonly<Record<string, Json>> | undefined;
  /** How waits ended that the run was put away for, by step key. Ones that it needs no more do no harm. */
  resolutions?: Readonly<Record<string, WaitResolution>> | undefined;
  waits?: WaitPort;
  /** Waits that end sooner than this, ms, are waited for in the process; 3 s by default. */
  patienceMs?: number;
  /** Without it, nodes that run other agents fail. */
  agents?: AgentPort | undefined;
  /**
   * Set when a run that failed is tried again from its journal: the failures that ended it are forgotten and their steps
   * run anew, while failures that it had gone on from stay.
   */
  isRetry?: boolean | undefined;
  /**
   * Called synchronously, in order. What it throws is reported and does not touch the run. It is looked up for each event,
   * so a getter may begin to watch a run that is under way.
   */
  onEvent?: ((event: RunEvent) => void) | undefined;
  /** Hears of faults whose text must not reach the run's outcome: bugs in handlers, failing watchers. */
  onFault?: (fault: unknown, where: { executionId: string; stepKey?: string }) => void;
}
