import type { StepRecord } from "@heddle/schema";

/** How long a finished step may wait in memory while its run goes on, ms. Short runs write their steps with their outcome. */
const FLUSH_AFTER_MS = 10;

/** Writes steps of one run; resolves once they are committed. */
export type AppendSteps = (steps: StepRecord[]) => Promise<void>;

/**
 * Collects the steps of a run and writes them behind its back. A step is durable {@link FLUSH_AFTER_MS} after it ended
 * at the latest, or with the run's outcome, so that a short run costs no statement of its own for them.
 */
export class StepBuffer {
  readonly #append: AppendSteps;
  readonly #onFailure: (error: unknown) => void;
  #waiting: StepRecord[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(append: AppendSteps, onFailure: (error: unknown) => void) {
    this.#append = append;
    this.#onFailure = onFailure;
  }

  add(step: StepRecord): void {
    this.#waiting.push(step);
    this.#timer ??= setTimeout(() => this.#flush(), FLUSH_AFTER_MS);
  }

  /** What was not written yet, for the statement that ends the run. Waits for what is being written. */
  async takeRest(): Promise<StepRecord[]> {
    clearTimeout(this.#timer);
    const rest = this.#waiting;
    this.#waiting = [];
    await this.#writing;
    return rest;
  }

  #flush(): void {
    this.#timer = undefined;
    const steps = this.#waiting;
    this.#waiting = [];
    if (steps.length === 0) return;
    this.#writing = this.#writing.then(() => this.#append(steps)).catch(this.#onFailure);
  }
}
