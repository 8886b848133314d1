/** Something that is to be looked at when its time has come, and may have nothing left to do by then. */
export interface Due {
  fall(): void;
}

/**
 * Items that all wait equally long, on one timer: a timer each would cost more than most of them, which have settled long
 * before it goes off.
 */
export class DueList {
  readonly #afterMs: number;
  #entries: { item: Due; at: number }[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(afterMs: number) {
    this.#afterMs = afterMs;
  }

  add(item: Due): void {
    this.#entries.push({ item, at: performance.now() + this.#afterMs });
    this.#timer ??= setTimeout(() => this.#fall(), this.#afterMs);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#entries = [];
  }

  #fall(): void {
    const now = performance.now();
    let count = 0;
    for (const { item, at } of this.#entries) {
      if (at > now) break;
      count += 1;
      item.fall();
    }
    this.#entries.splice(0, count);
    const next = this.#entries[0];
    this.#timer = next === undefined ? undefined : setTimeout(() => this.#fall(), Math.max(1, next.at - now));
  }
}
