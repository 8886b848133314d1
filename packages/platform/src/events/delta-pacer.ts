import type { RunEvent } from "@heddle/schema";

type Delta = Extract<RunEvent, { type: "step.delta" }>;

/** How long texts of steps that write at the same time gather, ms. */
const GATHER_MS = 50;

/**
 * Passes a run's events on. The texts of a step that writes alone go at once; where several steps write at a time, each
 * one's texts are gathered for a moment, so that a hundred of them make no more than twenty events a second each.
 */
export class DeltaPacer {
  readonly #pass: (event: RunEvent) => void;
  readonly #gathered = new Map<string, Delta>();
  #timer: NodeJS.Timeout | undefined;
  #lastKey: string | undefined;
  #lastAt = Number.NEGATIVE_INFINITY;

  constructor(pass: (event: RunEvent) => void) {
    this.#pass = pass;
  }

  take(event: RunEvent): void {
    if (event.type !== "step.delta") {
      // What a step has written comes before what becomes of it.
      if ("key" in event) this.#release(event.key);
      else this.flush();
      this.#pass(event);
      return;
    }
    const now = performance.now();
    if (this.#gathered.size === 0 && (this.#lastKey === event.key || now - this.#lastAt > GATHER_MS)) {
      this.#lastKey = event.key;
      this.#lastAt = now;
      this.#pass(event);
      return;
    }
    const before = this.#gathered.get(event.key);
    this.#gathered.set(event.key, before === undefined ? event : { ...before, text: before.text + event.text });
    this.#timer ??= setTimeout(() => this.flush(), GATHER_MS).unref();
  }

  /** Passes on what has gathered. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const keys = [...this.#gathered.keys()];
    for (const key of keys) this.#release(key);
    // None of several writes alone.
    if (keys.length > 1) this.#lastKey = undefined;
  }

  #release(key: string): void {
    const delta = this.#gathered.get(key);
    if (delta === undefined) return;
    this.#gathered.delete(key);
    this.#lastKey = key;
    this.#lastAt = performance.now();
    this.#pass(delta);
  }
}
