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
  #entries: DueEntry[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(afterMs: number) {
    this.#afterMs = afterMs;
  }

  /** @returns what {@link settle} takes */
  add(item: Due): DueEntry {
    const entry = { item, at: performance.now() + this.#afterMs };
    this.#entries.push(entry);
    this.#timer ??= setTimeout(() => this.#fall(), this.#afterMs);
    return entry;
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
      item?.fall();
    }
    this.#entries.splice(0, count);
    const next = this.#entries[0];
    // Those that are due in a moment come along: thousands have passed by then, and each time is a walk past them.
    this.#timer = next === undefined ? undefined : setTimeout(() => this.#fall(), Math.max(this.#afterMs / 10, next.at - now));
  }
}

/** An item's place in the list. */
export interface DueEntry {
  item: Due | undefined;
  readonly at: number;
}

/** Has an item not called any more, nor kept in memory until then. */
export function settle(entry: DueEntry | undefined): void {
  if (entry !== undefined) entry.item = undefined;
}
