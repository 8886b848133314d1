import type { StepRecord } from "@heddle/schema";
import type { Journal } from "./ports.ts";

/** A recorded outcome and its place among all of them. */
export interface RecordedStep {
  readonly record: StepRecord;
  readonly place: number;
}

/**
 * A run's view of its journal: finds what is recorded, and writes so that nothing goes on before it is kept. A journal
 * that answers synchronously costs no promise. Outcomes are numbered as they are written and take effect in that order,
 * so that a run that is resumed sees what this one saw.
 */
export class RunJournal {
  readonly #journal: Journal;
  /** Undefined where nothing is, as at the start of every run. */
  #recorded: Map<string, RecordedStep> | undefined;
  readonly #on: JournalListeners;
  /** Appends that have not been answered, and those that wait for one of these, in order. */
  readonly #unanswered: PendingAppend[] = [];
  #nextOrder = 0;

  constructor(journal: Journal, on: JournalListeners) {
    this.#journal = journal;
    this.#on = on;
    if (journal.recorded.length > 0) this.#read(journal.recorded);
  }

  /** What earlier owners of the run recorded under a key. */
  find(key: string): RecordedStep | undefined {
    return this.#recorded?.get(key);
  }

  /** Likewise, forgetting it: a step's turn comes once. */
  take(key: string): RecordedStep | undefined {
    const found = this.#recorded?.get(key);
    if (found !== undefined) this.#recorded?.delete(key);
    return found;
  }

  /** Whether every append so far has been answered. */
  get isIdle(): boolean {
    return this.#unanswered.length === 0;
  }

  /** Appends, then calls `written`: at once when the journal is synchronous, never when it fails. */
  append(step: StepRecord, written: () => void): void {
    step.order = this.#nextOrder;
    this.#nextOrder += 1;
    let answer: void | Promise<void>;
    try {
      answer = this.#journal.append(step);
    } catch (error) {
      this.#on.journalFailed(error);
      return;
    }
    if (answer === undefined && this.#unanswered.length === 0) {
      written();
      return;
    }
    const pending: PendingAppend = { state: answer === undefined ? "written" : "open", written };
    this.#unanswered.push(pending);
    answer
      ?.then(
        () => this.#answer(pending, "written"),
        (error: unknown) => {
          this.#answer(pending, "failed");
          this.#on.journalFailed(error);
        },
      )
      .then(() => {
        if (this.isIdle) this.#on.journalIdle();
      })
      .then(undefined, (fault: unknown) => this.#on.crash(fault));
  }

  #answer(pending: PendingAppend, state: "written" | "failed"): void {
    pending.state = state;
    for (let first = this.#unanswered[0]; first !== undefined && first.state !== "open"; first = this.#unanswered[0]) {
      this.#unanswered.shift();
      if (first.state === "written") first.written();
    }
  }

  #read(recorded: readonly StepRecord[]): void {
    // Records from before they were numbered go by the time when they ended; sorting keeps the given order of equal ones.
    const isNumbered = recorded.every((record) => record.order !== undefined);
    const records = isNumbered ? recorded : recorded.toSorted((a, b) => endOf(a) - endOf(b));
    this.#recorded = new Map();
    for (const [index, record] of records.entries()) {
      const place = isNumbered ? (record.order ?? index) : index;
      this.#recorded.set(record.key, { record, place });
      if (place >= this.#nextOrder) this.#nextOrder = place + 1;
    }
  }
}

function endOf(record: StepRecord): number {
  return record.startedAt + record.durationMs;
}

interface PendingAppend {
  /** A failed one holds nothing up: it has stopped the run. */
  state: "open" | "written" | "failed";
  readonly written: () => void;
}

/** What a run wants to hear of its journal. */
interface JournalListeners {
  /** The journal refused or lost a step. */
  journalFailed(error: unknown): void;
  /** What came after a write went wrong. */
  crash(fault: unknown): void;
  /** Every append has been answered. */
  journalIdle(): void;
}

/** Whether a key names a whole run of a node: in the flow of this agent or another, or as another node's tool. */
export function isNodeKey(key: string): boolean {
  const last = key.slice(key.lastIndexOf("/") + 1);
  return last.startsWith("tool:") || last.includes("#");
}

/** Whether a key names something that happened in a round of a loop, of a map or of a node that runs per item. */
export function isRoundKey(key: string): boolean {
  return /#(?:~\d+\.)?\d/.test(key);
}
