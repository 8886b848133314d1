/** Something under way and its place among the rest. */
export interface Entry<T> {
  readonly id: string;
  readonly item: T;
  place: number;
}

/**
 * What is under way, by id. To enter and to leave costs the same however much there is, and leaves nothing behind: a Map
 * that thousands enter and leave each second builds itself anew all the time, and its former selves, once they have grown
 * old, keep what has long left in memory until the next full collection. To find something is a search, for whoever asks now
 * and then.
 */
export class Roster<T> {
  readonly #entries: Entry<T>[] = [];

  enter(id: string, item: T): Entry<T> {
    const entry = { id, item, place: this.#entries.length };
    this.#entries.push(entry);
    return entry;
  }

  /** Does nothing to what has left already. */
  leave(entry: Entry<T>): void {
    if (this.#entries[entry.place] !== entry) return;
    const last = this.#entries.pop() as Entry<T>;
    if (last === entry) return;
    last.place = entry.place;
    this.#entries[entry.place] = last;
  }

  find(id: string): T | undefined {
    return this.#entries.find((entry) => entry.id === id)?.item;
  }

  get size(): number {
    return this.#entries.length;
  }

  items(): T[] {
    return this.#entries.map(({ item }) => item);
  }
}
