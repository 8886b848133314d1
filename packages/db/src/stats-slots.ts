/** How many slots there are; the batches that one process has under way take a few of them. */
const SLOTS = 128;

/**
 * Lends each batch under way a slot of its own to count in, always the lowest that is free, from a start that differs
 * between processes. Two processes that start alike wait for each other now and then, and nothing worse.
 */
export class StatsSlots {
  readonly #first = Math.floor(Math.random() * SLOTS);
  readonly #taken: boolean[] = [];

  async lend<R>(write: (slot: number) => Promise<R>): Promise<R> {
    const free = this.#taken.indexOf(false);
    const index = free === -1 ? this.#taken.length : free;
    this.#taken[index] = true;
    try {
      return await write((this.#first + index) % SLOTS);
    } finally {
      this.#taken[index] = false;
    }
  }
}
