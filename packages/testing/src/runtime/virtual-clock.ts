/** A clock that stands still until a test moves it. Fits the runtime's clock port. */
export class VirtualClock {
  #now: number;
  readonly #sleepers = new Set<{ at: number; wake: () => void }>();

  /** @param now ms since the epoch */
  constructor(now = 1_700_000_000_000) {
    this.#now = now;
  }

  now = (): number => this.#now;

  wakeAfter = (ms: number, wake: () => void): (() => void) => {
    const sleeper = { at: this.#now + ms, wake };
    this.#sleepers.add(sleeper);
    return () => void this.#sleepers.delete(sleeper);
  };

  /** How many timers have not ended. */
  get sleeping(): number {
    return this.#sleepers.size;
  }

  /** Moves time on without waking anyone: what a synchronous handler that takes `ms` does. */
  pass(ms: number): void {
    this.#now += ms;
  }

  /** Moves time on, waking who is due one after another, and lets each finish what it does then. */
  async advance(ms: number): Promise<void> {
    await settle();
    const until = this.#now + ms;
    for (;;) {
      const next = [...this.#sleepers].toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined || next.at > until) break;
      this.#sleepers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.wake();
      await settle();
    }
    this.#now = until;
  }
}

/** Lets everything that waits for a promise only go on. */
export function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
