import type { RunOutcome, StepRecord } from "@heddle/schema";
import { Roster } from "../roster.ts";
import { AgentSubscription, type AgentSink } from "./agent-subscription.ts";
import { ConnectionLimit } from "./connection-limit.ts";
import type { EventLog } from "./event-log.ts";
import type { RunAddress } from "./execution-event.ts";
import { LogWriter } from "./log-writer.ts";
import { type EventSink, RunSubscription } from "./run-subscription.ts";
import { RunTeller, type TellerOptions, type ToldRun } from "./run-teller.ts";
import { Watches } from "./watches.ts";

export interface ExecutionEventsOptions {
  log: EventLog;
  /** Undefined where there is no such execution, or no more. */
  readOutcome: (workspaceId: string, executionId: string) => Promise<{ outcome: RunOutcome | undefined } | undefined>;
  /** As watchers are told of them. */
  loadSteps: (workspaceId: string, executionId: string) => Promise<StepRecord[]>;
  onFault: (fault: unknown) => void;
}

/** How long what a run of this process told stays in memory after it, ms: for who comes a moment late. */
const LINGERS_MS = 2_000;

/** Carries the events of runs to those who watch them, in this process and in others. */
export class ExecutionEvents {
  /** Connections that are open to hear of runs. */
  readonly connections = new ConnectionLimit();
  readonly #options: ExecutionEventsOptions;
  readonly #writer: LogWriter;
  readonly #forTellers: TellerOptions;
  readonly #watches: Watches;
  readonly #tellers = new Roster<RunTeller>();
  /** Of runs that have ended here a moment ago. */
  readonly #lingering = new Map<string, RunTeller>();
  readonly #runs = new Map<string, Set<RunSubscription>>();
  readonly #agents = new Map<string, Set<AgentSubscription>>();
  readonly #stopping = new AbortController();
  readonly #unsubscribe: () => void;

  constructor(options: ExecutionEventsOptions) {
    this.#options = options;
    const { log, onFault } = options;
    this.#writer = new LogWriter(log, onFault);
    this.#forTellers = { log, writer: this.#writer, loadSteps: options.loadSteps, onFault };
    this.#watches = new Watches({
      log,
      onRunsWatched: (executionIds) => {
        for (const id of executionIds) void this.#tellerOf(id)?.open();
      },
      onFault,
    });
    this.#unsubscribe = log.subscribe((signal) => {
      if (signal.type === "missed")
        for (const watched of [this.#runs, this.#agents]) for (const id of watched.keys()) wake(watched.get(id));
      if (signal.type !== "kept") return;
      for (const id of signal.runs) wake(this.#runs.get(id));
      for (const id of signal.agents) wake(this.#agents.get(id));
    });
  }

  /** Aborted when the process stops: watchers are to come again, to another one. */
  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  /**
   * Begins to tell of a run of this process; close what is returned when the run ends here. Costs next to nothing while
   * nobody watches. `isExpected`: somebody will watch in a moment and wants to have missed nothing.
   */
  follow(run: ToldRun, isExpected: boolean): RunTeller {
    const { executionId } = run.journal;
    const isWatched = this.#watches.isWatched(executionId, run.agentId);
    const teller = new RunTeller(run, isExpected || isWatched, this.#forTellers);
    teller.entry = this.#tellers.enter(executionId, teller);
    if (isWatched) void teller.open();
    return teller;
  }

  /** The run has ended here, or goes on elsewhere. */
  leave(teller: RunTeller): void {
    const { executionId } = teller.address;
    const isHeard = teller.isHeard;
    teller.close();
    if (teller.entry !== undefined) this.#tellers.leave(teller.entry);
    if (!isHeard) return;
    this.#lingering.set(executionId, teller);
    const forget = () => this.#lingering.get(executionId) === teller && this.#lingering.delete(executionId);
    setTimeout(forget, LINGERS_MS).unref();
  }

  #tellerOf(executionId: string): RunTeller | undefined {
    return this.#tellers.find(executionId) ?? this.#lingering.get(executionId);
  }

  /** Tells a run from its beginning, or from after an event, to its end. Whether one may know of it is to be known before. @returns what stops it */
  watchRun(run: RunAddress, sink: EventSink, afterId = 0): () => void {
    const { executionId } = run;
    const isHere = this.#tellers.find(executionId) !== undefined;
    const unwatch = this.#watches.watch("runs", executionId, !isHere);
    const subscription = new RunSubscription({
      run, afterId, sink,
      log: this.#options.log,
      writer: this.#writer,
      tellerOf: (id) => this.#tellerOf(id),
      readOutcome: this.#options.readOutcome,
      loadSteps: this.#options.loadSteps,
    }); // prettier-ignore
    const forget = enter(this.#runs, executionId, subscription);
    void subscription.run().finally(() => {
      unwatch();
      forget();
    });
    return () => subscription.stop();
  }

  /** Tells all runs of an agent from now on, or from after a position. @returns what stops it, once it has begun */
  async watchAgent(agent: Pick<RunAddress, "workspaceId" | "agentId">, sink: AgentSink, afterPosition?: string): Promise<() => void> {
    const { log } = this.#options;
    const unwatch = this.#watches.watch("agents", agent.agentId, true);
    try {
      const after = afterPosition !== undefined && log.isPosition(afterPosition) ? afterPosition : await log.headOf(agent);
      const subscription = new AgentSubscription({ agent, after, sink, log });
      const forget = enter(this.#agents, agent.agentId, subscription);
      void subscription.run().finally(() => {
        unwatch();
        forget();
      });
      return () => subscription.stop();
    } catch (error) {
      unwatch();
      throw error;
    }
  }

  /** Has watchers go; runs that still end are told of for as long as their watchers stay. */
  dismiss(): void {
    this.#stopping.abort();
  }

  /** Brings what was told to the log and stops. */
  async close(): Promise<void> {
    this.dismiss();
    for (const watched of [this.#runs, this.#agents])
      for (const subscriptions of watched.values()) for (const subscription of subscriptions) subscription.stop();
    this.#watches.close();
    this.#unsubscribe();
    await this.#writer.flush();
    await this.#options.log.close();
  }
}

function wake(subscriptions: Iterable<{ wake(): void }> | undefined): void {
  for (const subscription of subscriptions ?? []) subscription.wake();
}

function enter<T>(all: Map<string, Set<T>>, id: string, item: T): () => void {
  const items = all.get(id) ?? new Set();
  all.set(id, items.add(item));
  return () => {
    items.delete(item);
    if (items.size === 0 && all.get(id) === items) all.delete(id);
  };
}
