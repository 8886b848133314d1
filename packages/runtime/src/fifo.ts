/** Spent places that are kept before they are given back: more would hold memory, fewer would copy more often. */
const MOST_SPENT = 1_024;

/** A queue whose `take` costs the same however long it is, and that keeps nothing it has given out. */
export class Fifo<T> {
  #items: (T | undefined)[] = [];
  #first = 0;

  add(item: T): void {
    this.#items.push(item);
  }

  take(): T | undefined {
    if (this.#first === this.#items.length) return undefined;
    // Mostly there is one; taking it off costs less than noting that it is gone.
    if (this.#first === 0 && this.#items.length === 1) return this.#items.pop();
    const item = this.#items[this.#first];
    this.#items[this.#first] = undefined;
    this.#first += 1;
    if (this.#first === this.#items.length) {
      this.#items.length = 0;
      this.#first = 0;
    } else if (this.#first > MOST_SPENT && this.#first * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#first);
      this.#first = 0;
    }
    return item;
  }
}
