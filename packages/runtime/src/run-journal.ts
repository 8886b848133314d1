import type { StepRecord } from "@heddle/schema";
import type { Journal } from "./ports.ts";

/**
 * A run's view of its journal: finds what is recorded, and writes so that nothing goes on before it is kept. A journal
 * that answers synchronously costs no promise.
 */
export class RunJournal {
  readonly #journal: Journal;
  readonly #byKey = new Map<string, StepRecord>();
  readonly #onFailure: (error: unknown) => void;
  readonly #onIdle: () => void;
  #writing = 0;

  constructor(journal: Journal, on: { failure: (error: unknown) => void; idle: () => void }) {
    this.#journal = journal;
    this.#onFailure = on.failure;
    this.#onIdle = on.idle;
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
      this.#onFailure(error);
      return;
    }
    // A tried-again step must find what its earlier try already did inside itself.
    if (isInnerKey(step.key)) this.#byKey.set(step.key, step);
    if (answer === undefined) {
      written();
      return;
    }
    this.#writing += 1;
    answer.then(
      () => {
        this.#writing -= 1;
        written();
        if (this.#writing === 0) this.#onIdle();
      },
      (error: unknown) => {
        this.#writing -= 1;
        this.#onFailure(error);
        if (this.#writing === 0) this.#onIdle();
      },
    );
  }
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
