import { randomUUID } from "node:crypto";
import { type EventLog, type EventSignal, inSignals } from "./event-log.ts";

/** How often processes say what they watch, ms, and how long their word holds. */
const ANNOUNCE_EVERY_MS = 10_000;
const HOLDS_FOR_MS = 25_000;

/** Runs and agents. */
interface Subjects<T> {
  runs: Map<string, T>;
  agents: Map<string, T>;
}

/**
 * Knows what is watched, here and in every other process, without asking anybody: processes tell each other. So a run can
 * decide for nothing whether it makes events.
 */
export class Watches {
  readonly #log: EventLog;
  readonly #onRunsWatched: (executionIds: readonly string[]) => void;
  readonly #onFault: (fault: unknown) => void;
  readonly #id = randomUUID();
  readonly #own: Subjects<number> = { runs: new Map(), agents: new Map() };
  readonly #others: Subjects<number> = { runs: new Map(), agents: new Map() };
  readonly #timer: NodeJS.Timeout;
  readonly #stop: () => void;

  /** @param options.onRunsWatched hears of runs that other processes watch */
  constructor(options: { log: EventLog; onRunsWatched: (executionIds: readonly string[]) => void; onFault: (fault: unknown) => void }) {
    this.#log = options.log;
    this.#onRunsWatched = options.onRunsWatched;
    this.#onFault = options.onFault;
    this.#stop = this.#log.subscribe((signal) => this.#hear(signal));
    this.#timer = setInterval(() => this.#keepUp(), ANNOUNCE_EVERY_MS).unref();
    this.#tell({ type: "asked", from: this.#id });
  }

  /** Watches until the returned function is called. `isTold` where other processes are to know at once. */
  watch(kind: keyof Subjects<number>, id: string, isTold: boolean): () => void {
    const own = this.#own[kind];
    own.set(id, (own.get(id) ?? 0) + 1);
    if (isTold) this.#tell({ type: "watched", from: this.#id, runs: [], agents: [], [kind]: [id] });
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      const left = (own.get(id) ?? 1) - 1;
      if (left === 0) own.delete(id);
      else own.set(id, left);
    };
  }

  /** Whether anyone, anywhere, watches this run or all runs of its agent. */
  isWatched(executionId: string, agentId: string): boolean {
    const { runs, agents } = this.#own;
    return runs.has(executionId) || agents.has(agentId) || this.#others.runs.has(executionId) || this.#others.agents.has(agentId);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#stop();
  }

  #hear(signal: EventSignal): void {
    if (signal.type === "missed") {
      this.#tell({ type: "asked", from: this.#id });
      this.#announce();
    } else if (signal.type === "asked" && signal.from !== this.#id) this.#announce();
    else if (signal.type === "watched" && signal.from !== this.#id) {
      const until = Date.now() + HOLDS_FOR_MS;
      for (const id of signal.runs) this.#others.runs.set(id, until);
      for (const id of signal.agents) this.#others.agents.set(id, until);
      if (signal.runs.length > 0) this.#onRunsWatched(signal.runs);
    }
  }

  #keepUp(): void {
    const now = Date.now();
    for (const subjects of [this.#others.runs, this.#others.agents])
      for (const [id, until] of subjects) if (until < now) subjects.delete(id);
    this.#announce();
  }

  #announce(): void {
    const { runs, agents } = this.#own;
    for (const signal of inSignals({ type: "watched" as const, from: this.#id, runs: [...runs.keys()], agents: [...agents.keys()] }))
      this.#tell(signal);
  }

  #tell(signal: Parameters<EventLog["signal"]>[0]): void {
    // Every word is said again in a few seconds.
    this.#log.signal(signal).catch(this.#onFault);
  }
}
