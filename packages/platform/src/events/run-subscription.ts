import type { RunOutcome, StepRecord } from "@heddle/schema";
import { notFound } from "../access/access.ts";
import { endedStepOf, type ExecutionEvent, FIRST_RECORDED_ID, type RunAddress } from "./execution-event.ts";
import type { EventLog } from "./event-log.ts";
import type { LogWriter } from "./log-writer.ts";
import { type RunTeller, stepEvent } from "./run-teller.ts";

/** Who events go to. */
export interface EventSink {
  /** Takes an event. False: it is kept, and no other should come before `ready`. */
  tell(event: ExecutionEvent): boolean;
  /** Resolves once there is room again. Rejects where there is none for too long. */
  ready(): Promise<void>;
  /** Nothing follows; with an error where that is why. */
  end(error?: unknown): void;
}

export interface RunSubscriptionOptions {
  run: RunAddress;
  afterId: number;
  sink: EventSink;
  log: EventLog;
  writer: LogWriter;
  /** The run's teller, where this process has one. */
  tellerOf: (executionId: string) => RunTeller | undefined;
  /** Undefined where there is no such execution, or no more. */
  readOutcome: (workspaceId: string, executionId: string) => Promise<{ outcome: RunOutcome | undefined } | undefined>;
  /** As watchers are told of them. */
  loadSteps: (workspaceId: string, executionId: string) => Promise<StepRecord[]>;
}

/** How long nothing is heard before the execution itself is looked at, ms: its owner may have died before it could tell. */
const LOOK_AFTER_MS = [250, 500, 1_000, 2_000, 4_000, 8_000];
/** How long the last events of a run may take into the log after its outcome was committed, ms. */
const LAST_EVENTS_WITHIN_MS = 400;
const PAGE = 200;

/**
 * One watcher of one run: from its beginning or from after an event, to its end. Reads at the watcher's pace: from the
 * process's own run where it goes on here, else from the log, and what the log does not have from the journal.
 */
export class RunSubscription {
  readonly #options: RunSubscriptionOptions;
  #heardId: number;
  #isOver = false;
  #isWoken = false;
  #wake = () => {};

  constructor(options: RunSubscriptionOptions) {
    this.#options = options;
    this.#heardId = options.afterId;
  }

  /** Runs until the run's end, or until it is stopped. Never rejects. */
  async run(): Promise<void> {
    const { sink } = this.#options;
    try {
      await this.#follow();
      if (!this.#isOver) sink.end();
    } catch (error) {
      if (!this.#isOver) sink.end(error);
    } finally {
      this.#isOver = true;
    }
  }

  /** There may be more to read. */
  wake(): void {
    this.#isWoken = true;
    this.#wake();
  }

  /** Ends it without a word to the sink. */
  stop(): void {
    this.#isOver = true;
    this.#wake();
  }

  async #follow(): Promise<void> {
    const { run, log, writer, tellerOf, readOutcome } = this.#options;
    for (let silences = 0, isOwnerSilent = true; !this.#isOver;) {
      this.#isWoken = false;
      const teller = tellerOf(run.executionId);
      if (teller !== undefined) {
        const how = await this.#listen(teller);
        if (how === "ended" || this.#isOver) return;
        if (how === "heard") {
          silences = 0;
          continue;
        }
        await writer.flush();
      }
      const toldBefore = teller?.isClosed === false ? teller.recentFrom : 0;
      const page = await log.ofRun(run, this.#heardId, PAGE);
      for (const event of page) if (await this.#pass(event)) return;
      if (page.length > 0) {
        silences = 0;
        isOwnerSilent = false;
        if (page.length === PAGE || teller !== undefined) continue;
      } else if (this.#heardId < toldBefore) {
        // The log has lost what came before, or there was nothing.
        this.#heardId = toldBefore;
        continue;
      } else if (isOwnerSilent) {
        const found = await readOutcome(run.workspaceId, run.executionId);
        if (found === undefined) throw notFound("execution");
        if (found.outcome !== undefined) return await this.#finishFromJournal(found.outcome);
      }
      isOwnerSilent = await this.#silence(LOOK_AFTER_MS[Math.min(silences++, LOOK_AFTER_MS.length - 1)] ?? 0);
    }
  }

  /** Listens to the run in this process for as long as that goes. */
  async #listen(teller: RunTeller): Promise<"ended" | "heard" | "nothing"> {
    await teller.open();
    if (this.#isOver) return "ended";
    const { sink } = this.#options;
    const before = this.#heardId;
    let hasEnded = false;
    let isFull = false;
    let detached = false;
    let onDetach = () => {};
    const detach = () => {
      detached = true;
      onDetach();
    };
    const stop = teller.attach(this.#heardId, {
      tell: (event) => {
        if (detached || this.#isOver) return;
        if (event.event.type === "run.finished") hasEnded = true;
        this.#heardId = event.id;
        isFull = !sink.tell(event);
        if (isFull || hasEnded) detach();
      },
      detach,
    });
    if (stop === undefined) return "nothing";
    if (!detached) {
      await new Promise<void>((resolve) => {
        onDetach = resolve;
        this.#wake = () => {
          if (this.#isOver) resolve();
        };
      });
      this.#wake = () => {};
    }
    stop();
    if (hasEnded || this.#isOver) return "ended";
    if (isFull) await sink.ready();
    return this.#heardId > before ? "heard" : "nothing";
  }

  /** Passes an event on, at the sink's pace. @returns whether nothing follows */
  async #pass(event: ExecutionEvent): Promise<boolean> {
    if (this.#isOver) return true;
    this.#heardId = event.id;
    if (!this.#options.sink.tell(event)) await this.#options.sink.ready();
    return event.event.type === "run.finished" || this.#isOver;
  }

  /** @returns whether nothing was heard for that long, ms */
  async #silence(withinMs: number): Promise<boolean> {
    if (this.#isWoken || this.#isOver) return false;
    return await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(true), withinMs).unref();
      this.#wake = () => {
        clearTimeout(timer);
        resolve(false);
      };
    }).finally(() => (this.#wake = () => {}));
  }

  /** Tells what the log does not have of a run that has ended. */
  async #finishFromJournal(outcome: RunOutcome): Promise<void> {
    const { run, log, loadSteps } = this.#options;
    const { workspaceId, executionId } = run;
    const kept = { isStarted: false, ended: new Set<string>(), isFinished: false };
    let scanned = 0;
    const scan = async (): Promise<void> => {
      for (let isMore = true; isMore;) {
        const page = await log.ofRun(run, scanned, PAGE);
        for (const { id, event } of page) {
          scanned = id;
          if (event.type === "run.started") kept.isStarted = true;
          else if (event.type === "run.finished") kept.isFinished = true;
          const ended = endedStepOf(event);
          if (ended !== undefined) kept.ended.add(ended);
        }
        isMore = page.length === PAGE;
      }
    };
    await scan();
    if (!kept.isFinished && (scanned > 0 || this.#heardId > 0)) {
      // It was watched, so its last words may be on their way.
      await this.#silence(LAST_EVENTS_WITHIN_MS);
      await scan();
    }
    // Read again from what was heard, because of a text of which a part was heard only the rest is to be told.
    while (this.#heardId < scanned) {
      const page = await log.ofRun(run, this.#heardId, PAGE);
      for (const event of page) if (await this.#pass(event)) return;
      if (page.length === 0) break;
    }
    // Its end was heard before.
    if (kept.isFinished) return;
    const beganAt = parseInt(executionId.replace("-", "").slice(0, 12), 16);
    const events = (await loadSteps(workspaceId, executionId)).map((step) => (kept.ended.has(step.key) ? undefined : stepEvent(step)));
    const all = [
      kept.isStarted ? undefined : ({ type: "run.started", at: beganAt } as const),
      ...events,
      { type: "run.finished", at: beganAt + outcome.durationMs, outcome } as const,
    ];
    for (const [index, event] of all.entries()) {
      const id = FIRST_RECORDED_ID + index;
      if (event !== undefined && id > this.#heardId && (await this.#pass({ ...run, id, event }))) return;
    }
  }
}
