import { isDatabaseUnavailable } from "./unavailable.ts";

export interface GroupCommitOptions<T, R> {
  /** Writes a batch in one transaction; answers in the batch's order. */
  write: (items: T[]) => Promise<R[]>;
  /** Batches on their way at once. A second one fills the wait for the first one's disk. */
  inFlight?: number;
  maxBatch?: number;
}

/**
 * Writes what arrives together in one statement and one commit, and resolves each promise once its item is on disk. Under
 * load batches grow by themselves, because items gather while earlier batches are written. A batch that fails is written
 * again item by item, so that only what is wrong is refused.
 */
export class GroupCommit<T, R> {
  readonly #write: (items: T[]) => Promise<R[]>;
  readonly #inFlight: number;
  readonly #maxBatch: number;
  #waiting: Entry<T, R>[] = [];
  #writing = 0;
  #isScheduled = false;

  constructor({ write, inFlight = 2, maxBatch = 200 }: GroupCommitOptions<T, R>) {
    this.#write = write;
    this.#inFlight = inFlight;
    this.#maxBatch = maxBatch;
  }

  /** Resolves after the commit with what `write` answered for the item. */
  add(item: T): Promise<R> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (this.#isScheduled || this.#writing >= this.#inFlight) return;
      this.#isScheduled = true;
      // What else this turn of the event loop brings shall come along.
      setImmediate(() => {
        this.#isScheduled = false;
        this.#pump();
      });
    });
  }

  #pump(): void {
    while (this.#writing < this.#inFlight && this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.#maxBatch);
      this.#writing += 1;
      void this.#flush(batch).finally(() => {
        this.#writing -= 1;
        this.#pump();
      });
    }
  }

  async #flush(batch: Entry<T, R>[]): Promise<void> {
    try {
      const answers = await this.#write(batch.map((entry) => entry.item));
      for (const [index, entry] of batch.entries()) entry.resolve(answers[index] as R);
    } catch (error) {
      if (batch.length === 1 || isDatabaseUnavailable(error)) for (const entry of batch) entry.reject(error);
      else for (const entry of batch) await this.#flush([entry]);
    }
  }
}

interface Entry<T, R> {
  item: T;
  resolve: (answer: R) => void;
  reject: (error: unknown) => void;
}
