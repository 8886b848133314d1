import type { RunJournal } from "@heddle/db/journal";
import type { RunEvent, RunOutcome, RunSuspension, StepRecord } from "@heddle/schema";
import type { Entry } from "../roster.ts";
import { DeltaPacer } from "./delta-pacer.ts";
import type { EventLog } from "./event-log.ts";
import { endedStepOf, type ExecutionEvent, firstIdOf, type RunAddress } from "./execution-event.ts";
import type { LogWriter } from "./log-writer.ts";
import { showStep } from "./shown-step.ts";

/** A run of this process, as far as telling of it needs to know. */
export interface ToldRun {
  journal: Pick<RunJournal, "executionId" | "workspaceId" | "epoch" | "accepted" | "flush">;
  agentId: string;
  /** ms since the epoch */
  startedAt: number;
  /** Steps of earlier owners. */
  recorded: readonly StepRecord[];
}

export interface TellerOptions {
  log: EventLog;
  writer: LogWriter;
  /** As watchers are told of them. */
  loadSteps: (workspaceId: string, executionId: string) => Promise<StepRecord[]>;
  onFault: (fault: unknown) => void;
}

/** Somebody in this process who gets events as they happen. */
export interface LocalListener {
  tell(event: ExecutionEvent): void;
  /** Nothing comes from here any more; the log may know more. */
  detach(): void;
}

/** Events that are held back while nobody watches, and those that are kept in memory for who comes a moment late. */
const MAX_EARLY = 256;
const MAX_RECENT = 512;

/**
 * Tells of one run in the process that runs it. It begins when somebody watches: then it tells what the run has done so
 * far, by what was held back or by the journal, and goes on with what happens. Before that it makes no events at all, or
 * holds the first of them back where somebody is expected.
 */
export class RunTeller {
  readonly address: RunAddress;
  readonly #run: ToldRun;
  readonly #options: TellerOptions;
  /** Its place among the runs of this process. */
  entry: Entry<RunTeller> | undefined;
  // Made on first use: most runs are watched by nobody.
  #pacer: DeltaPacer | undefined;
  #take: ((event: RunEvent) => void) | undefined;
  #listeners: Set<LocalListener> | undefined;
  #early: RunEvent[] | undefined;
  /** Whether `#early` has everything since the run began. */
  #isComplete: boolean;
  #opening: Promise<void> | undefined;
  #isOpen = false;
  #isClosed = false;
  /** Watchers hear once that a run has started, also where it is begun again by another owner. */
  #isStartTold = false;
  #nextId: number;
  #recent: ExecutionEvent[] = [];
  /** The id after which `#recent` has everything. */
  #recentFrom: number;

  constructor(run: ToldRun, isExpected: boolean, options: TellerOptions) {
    this.#run = run;
    this.#options = options;
    const { executionId, workspaceId, epoch } = run.journal;
    this.address = { executionId, workspaceId, agentId: run.agentId };
    this.#isComplete = isExpected;
    if (isExpected) this.#early = [];
    this.#nextId = firstIdOf(epoch);
    // What a former owner told is in the log; of a first owner there is no more than this.
    this.#recentFrom = epoch === 1 ? 0 : this.#nextId - 1;
  }

  /** Takes the run's events; undefined while nobody needs them. */
  get onEvent(): ((event: RunEvent) => void) | undefined {
    if (!this.isHeard) return undefined;
    this.#take ??= (event) => {
      // How it ends is told by who has committed it.
      if (event.type !== "run.finished" && event.type !== "run.waiting") this.tell(event);
    };
    return this.#take;
  }

  /** True once there is something here for who comes late. */
  get isHeard(): boolean {
    return this.#isOpen || this.#early !== undefined;
  }

  /** The id after which everything can be had here. */
  get recentFrom(): number {
    return this.#recentFrom;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Tells an event, now or as soon as somebody watches. Nothing where nobody is expected. */
  tell(event: RunEvent): void {
    if (event.type === "run.started" && this.#isStartTold) return;
    if (this.#isOpen) (this.#pacer ??= new DeltaPacer((paced) => this.#publish(paced))).take(event);
    else if (this.#early !== undefined) this.#hold(this.#early, event);
  }

  /** Tells how the run left this process, once that is committed. */
  tellEnd(end: RunOutcome | RunSuspension): void {
    const at = Date.now();
    this.tell(end.status === "waiting" ? { type: "run.waiting", at, waits: end.waits } : { type: "run.finished", at, outcome: end });
    // Whoever waits elsewhere for the end need not wait for others to gather.
    if (this.#isOpen) void this.#options.writer.flush();
  }

  /** Begins to tell, once the run is on disk. Resolves when what has happened so far is told; never rejects. */
  open(): Promise<void> {
    return (this.#opening ??= this.#open());
  }

  /** The run ends in this process, whether it is over or goes on elsewhere. */
  close(): void {
    this.#pacer?.flush();
    this.#isClosed = true;
    if (this.#opening === undefined || this.#isOpen) this.#detachAll();
  }

  /**
   * Gives a listener what came after an id and then what comes.
   * @returns what ends that; undefined where the log must tell something first, or nothing is left to tell
   */
  attach(afterId: number, listener: LocalListener): (() => void) | undefined {
    if (!this.#isOpen || afterId < this.#recentFrom) return undefined;
    const missed = this.#recent.filter((event) => event.id > afterId);
    if (this.#isClosed && missed.length === 0) return undefined;
    const listeners = (this.#listeners ??= new Set()).add(listener);
    for (const event of missed) if (listeners.has(listener)) listener.tell(event);
    if (this.#isClosed && listeners.delete(listener)) listener.detach();
    return () => listeners.delete(listener);
  }

  #hold(early: RunEvent[], event: RunEvent): void {
    const last = early.at(-1);
    if (event.type === "step.delta" && last?.type === "step.delta" && last.key === event.key)
      early[early.length - 1] = { ...last, text: last.text + event.text };
    else early.push(event);
    if (early.length <= MAX_EARLY || this.#opening !== undefined) return;
    // What has ended is in the journal; only what goes on is known nowhere else.
    this.#isComplete = false;
    const ended = new Set(early.map(endedStepOf));
    this.#early = early.filter((held) => "key" in held && held.type !== "step.skipped" && !ended.has(held.key)).slice(-MAX_EARLY / 2);
  }

  async #open(): Promise<void> {
    const { journal, startedAt } = this.#run;
    this.#early ??= [];
    let told = NOTHING_TOLD;
    let recorded = this.#run.recorded;
    try {
      await journal.accepted();
      if (journal.epoch > 1) told = await this.#toldBefore();
      if (!this.#isComplete) {
        // A run that has ended or moved meanwhile has written what it had.
        await journal.flush().catch(() => undefined);
        recorded = await this.#options.loadSteps(journal.workspaceId, journal.executionId);
      }
    } catch (fault) {
      this.#options.onFault(fault);
    }
    const early = this.#early;
    const toCome = new Set(early.map(endedStepOf));
    const start = early.find((event) => event.type === "run.started") ?? { type: "run.started", at: startedAt };
    this.#isStartTold = true;
    if (!told.isStarted) this.#publish(start);
    for (const step of recorded) if (!told.ended.has(step.key) && !toCome.has(step.key)) this.#publish(stepEvent(step));
    for (const event of early) {
      if (event.type === "run.started" || (event.type === "step.skipped" && told.skipped.has(event.key))) continue;
      this.#publish(event);
    }
    this.#early = undefined;
    this.#isOpen = true;
    if (this.#isClosed) this.#detachAll();
  }

  /** What watchers of earlier owners have heard. */
  async #toldBefore(): Promise<Told> {
    const told: Told = { isStarted: false, ended: new Set(), skipped: new Set() };
    for (let after = 0, isMore = true; isMore;) {
      const page = await this.#options.log.ofRun(this.address, after, PAGE);
      for (const { id, event } of page) {
        after = id;
        if (event.type === "run.started") told.isStarted = true;
        else if (event.type === "step.skipped") told.skipped.add(event.key);
        const ended = endedStepOf(event);
        if (ended !== undefined) told.ended.add(ended);
      }
      isMore = page.length === PAGE;
    }
    return told;
  }

  #publish(event: RunEvent): void {
    const isStep = event.type === "step.completed" || event.type === "step.failed";
    const shown = isStep ? { ...event, step: showStep(this.address.executionId, event.step) } : event;
    const message: ExecutionEvent = { ...this.address, id: this.#nextId++, event: shown };
    this.#recent.push(message);
    if (this.#recent.length > MAX_RECENT) this.#recentFrom = this.#recent.shift()?.id ?? this.#recentFrom;
    this.#options.writer.add(message);
    for (const listener of this.#listeners ?? []) listener.tell(message);
  }

  #detachAll(): void {
    for (const listener of this.#listeners ?? []) listener.detach();
    this.#listeners?.clear();
  }
}

interface Told {
  isStarted: boolean;
  ended: Set<string>;
  skipped: Set<string>;
}
const NOTHING_TOLD: Told = { isStarted: false, ended: new Set(), skipped: new Set() };
const PAGE = 500;

/** The event that tells a step's outcome. */
export function stepEvent(step: StepRecord): RunEvent {
  const type = step.status === "completed" ? "step.completed" : "step.failed";
  return { type, at: step.startedAt + step.durationMs, key: step.key, nodeId: step.nodeId, step };
}
