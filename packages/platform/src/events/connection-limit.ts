import { HeddleError } from "@heddle/schema";

/** Connections that one person or key may hold open to hear of runs, at one process. */
const MAX_CONNECTIONS = 50;

/** Counts open connections by who opened them. */
export class ConnectionLimit {
  readonly #open = new Map<string, number>();

  /** Counts a connection until the returned function is called. @throws HeddleError rate_limited */
  take(who: string): () => void {
    const count = this.#open.get(who) ?? 0;
    if (count >= MAX_CONNECTIONS) {
      throw new HeddleError("rate_limited", `You have ${MAX_CONNECTIONS} connections open already. Close one to open another.`, {
        hint: "One WebSocket connection can watch many runs and agents at once.",
        retryAfterMs: 5_000,
      });
    }
    this.#open.set(who, count + 1);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      const left = (this.#open.get(who) ?? 1) - 1;
      if (left === 0) this.#open.delete(who);
      else this.#open.set(who, left);
    };
  }
}
