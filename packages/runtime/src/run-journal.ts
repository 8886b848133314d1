import type { StepRecord } from "@heddle/schema";
import type { Journal } from "./ports.ts";

/**
 * A run's view of its journal: finds what is recorded, and writes so that nothing goes on before it is kept. A journal
 * that answers synchronously costs no promise.
 */
export class RunJournal {
  readonly #journal: Journal;
  readonly #byKey = new Map<string, StepRecord>();
  readonly #on: JournalListeners;
  #writing = 0;

  constructor(journal: Journal, on: JournalListeners) {
    this.#journal = journal;
    this.#on = on;
    for (const step of journal.recorded) this.#byKey.set(step.key, step);
  }

  find(key: string): StepRecord | undefined {
    return this.#byKey.get(key);
  }

  /** Whether every append so far has been answered. */
  get isIdle(): boolean {
    return this.#writing === 0;
  }

  /** Appends, then calls `written`: at once when the journal is synchronous, never when it fails. */
  append(step: StepRecord, written: () => void): void {
    let answer: void | Promise<void>;
    try {
      answer = this.#journal.append(step);
    } catch (error) {
      this.#on.failure(error);
      return;
    }
    // A tried-again step must find what its earlier try already did inside itself.
    if (isInnerKey(step.key)) this.#byKey.set(step.key, step);
    if (answer === undefined) {
      written();
      return;
    }
    this.#writing += 1;
    answer
      .then(
        () => {
          this.#writing -= 1;
          written();
        },
        (error: unknown) => {
          this.#writing -= 1;
          this.#on.failure(error);
        },
      )
      .then(() => {
        if (this.#writing === 0) this.#on.idle();
      })
      .then(undefined, this.#on.fault);
  }
}

/** What a run wants to hear of its journal. */
interface JournalListeners {
  /** The journal refused or lost a step. */
  failure: (error: unknown) => void;
  /** What came after a write went wrong. */
  fault: (fault: unknown) => void;
  /** Every append has been answered. */
  idle: () => void;
}

/** Whether a key names something that happened inside a step. */
export function isInnerKey(key: string): boolean {
  return key.includes("/");
}

/** Whether a key names a whole run of a node: in the flow, or as another node's tool. */
export function isNodeKey(key: string): boolean {
  const slash = key.lastIndexOf("/");
  return slash === -1 || key.startsWith("tool:", slash + 1);
}
