import type { RecordedStep } from "./run-journal.ts";

/**
 * Recorded steps whose turn has come, taken in the order in which they ended the first time. That order decides what an
 * `any` merge passes on and which reply is the last, so a resumed run decides alike. A binary heap: a resumed loop has as
 * many records as it made rounds.
 */
export class ReplayQueue<T> {
  readonly #heap: Entry<T>[] = [];

  add(item: T, { record, place }: RecordedStep): void {
    const heap = this.#heap;
    const entry = { item, record, place };
    let at = heap.length;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above] as Entry<T>;
      if (parent.place <= place) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = entry;
  }

  /** The item whose step ended first, among those queued. */
  take(): Entry<T> | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let below = at * 2 + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && (heap[below + 1] as Entry<T>).place < (heap[below] as Entry<T>).place) below += 1;
      const child = heap[below] as Entry<T>;
      if (child.place >= last.place) break;
      heap[at] = child;
      at = below;
    }
    heap[at] = last;
    return first;
  }
}

interface Entry<T> extends RecordedStep {
  readonly item: T;
}
