import type { PendingWait, WaitResolution } from "@heddle/schema";
import type { ActiveRun } from "./active-run.ts";

/** Waits that end sooner than this are waited for in the process: putting a run away costs more than holding it, ms. */
const DEFAULT_PATIENCE_MS = 3_000;

/** The waits of a run that are open, and what ends them: their time, a resolution that arrives, the step's own end. */
export class WaitList {
  readonly #run: ActiveRun;
  // Made when first needed: most runs wait for nothing.
  #open: Map<string, OpenWait> | undefined;
  /** Resolutions that arrived while the run goes. */
  #arrived: Map<string, WaitResolution> | undefined;
  #unsubscribe: (() => void) | undefined;
  #isReconsidering = false;

  constructor(run: ActiveRun) {
    this.#run = run;
  }

  /** Listens from the start where an earlier owner may have told of waits that this one has not come back to yet. */
  begin(): void {
    if (this.#run.options.journal.recorded.length > 0) this.#subscribe();
  }

  resolutionOf(key: string): WaitResolution | undefined {
    return this.#arrived?.get(key) ?? this.#run.options.resolutions?.[key];
  }

  /** Resolves when the wait ends; rejects with the signal's reason when its step ends before. `left` is called with either. */
  open(wait: PendingWait, { signal, left }: { signal: AbortSignal; left: () => void }): Promise<WaitResolution> {
    const run = this.#run;
    const { promise, resolve, reject } = Promise.withResolvers<WaitResolution>();
    const abort = (): void => {
      this.drop(wait.key);
      reject(signal.reason);
    };
    const end = (resolution: WaitResolution): void => {
      this.drop(wait.key);
      resolve(resolution);
    };
    const alarm = wait.dueAt === undefined ? undefined : run.alarms.set(wait.dueAt, () => end({ outcome: "due", at: run.now() }));
    const close = (): void => {
      signal.removeEventListener("abort", abort);
      if (alarm !== undefined) run.alarms.cancel(alarm);
      left();
    };
    signal.addEventListener("abort", abort, { once: true });
    (this.#open ??= new Map()).set(wait.key, { wait, end, close });
    this.#subscribe();
    if (run.isWatched) run.emit({ type: "step.waiting", at: run.now(), key: wait.key, nodeId: wait.nodeId, wait });
    run.tellWaiting(wait);
    // It may have been resolved while the request was being written, before anybody listened.
    const early = this.resolutionOf(wait.key);
    if (early === undefined) this.reconsider();
    else end(early);
    return promise;
  }

  /** Asks, once all that goes on has gone on, whether the run does nothing but wait. */
  reconsider(): void {
    if (this.#open === undefined || this.#open.size === 0 || this.#isReconsidering) return;
    this.#isReconsidering = true;
    settled()
      .then(() => {
        this.#isReconsidering = false;
        this.#suspendIfIdle();
      })
      .catch((fault: unknown) => this.#run.crash(fault));
  }

  /** Forgets a wait whose step has ended without it. */
  drop(key: string): void {
    this.#open?.get(key)?.close();
    this.#open?.delete(key);
  }

  stop(): void {
    this.#unsubscribe?.();
    for (const { close } of this.#open?.values() ?? []) close();
    this.#open?.clear();
  }

  #subscribe(): void {
    this.#unsubscribe ??= this.#run.options.waits?.subscribe((key, resolution) => this.#receive(key, resolution));
  }

  #receive(key: string, resolution: WaitResolution): void {
    const arrived = (this.#arrived ??= new Map());
    if (arrived.has(key)) return;
    arrived.set(key, resolution);
    this.#open?.get(key)?.end(resolution);
  }

  #suspendIfIdle(): void {
    const run = this.#run;
    if (run.isOver || this.#open === undefined || this.#open.size === 0 || !run.isParked) return;
    const waits = [...this.#open.values()].map(({ wait }) => wait);
    const wakeAt = waits.reduce((first, { dueAt }) => Math.min(first, dueAt ?? first), Number.POSITIVE_INFINITY);
    // The alarm of the first one wakes the run.
    if (wakeAt - run.now() <= (run.options.patienceMs ?? DEFAULT_PATIENCE_MS)) return;
    run.suspend(waits, wakeAt === Number.POSITIVE_INFINITY ? undefined : wakeAt);
  }
}

/** Turns after which a handler has gone on that waits for a promise of ours and does the next thing then. */
const QUIET_TURNS = 10;

async function settled(): Promise<void> {
  for (let turn = 0; turn < QUIET_TURNS; turn += 1) await undefined;
}

interface OpenWait {
  readonly wait: PendingWait;
  readonly end: (resolution: WaitResolution) => void;
  readonly close: () => void;
}
