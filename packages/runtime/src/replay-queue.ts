import type { StepRecord } from "@heddle/schema";

/**
 * Recorded steps whose turn has come, taken in the order in which they ended the first time. That order decides what an
 * `any` merge passes on and which reply is the last, so a resumed run decides alike.
 */
export class ReplayQueue<T> {
  readonly #places = new Map<string, { record: StepRecord; place: number }>();
  readonly #waiting: { item: T; record: StepRecord; place: number }[] = [];

  constructor(recorded: readonly StepRecord[]) {
    if (recorded.length === 0) return;
    // Sorting keeps the given order where two steps ended within the same ms.
    const inOrder = recorded.toSorted((a, b) => a.startedAt + a.durationMs - (b.startedAt + b.durationMs));
    inOrder.forEach((record, place) => this.#places.set(record.key, { record, place }));
  }

  /** Queues an item when its key is recorded. Returns whether it is. */
  add(key: string, item: T): boolean {
    const found = this.#places.get(key);
    if (found === undefined) return false;
    this.#waiting.push({ item, ...found });
    return true;
  }

  /** The item whose step ended first, among those queued. */
  take(): { item: T; record: StepRecord } | undefined {
    let first = 0;
    for (let index = 1; index < this.#waiting.length; index += 1) {
      if ((this.#waiting[index]?.place ?? 0) < (this.#waiting[first]?.place ?? 0)) first = index;
    }
    return this.#waiting.splice(first, 1)[0];
  }
}
