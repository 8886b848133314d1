import { Client, type ClientConfig } from "pg";

/** How often clients are looked at, ms. */
const LOOK_EVERY_MS = 500;

const alive = new Set<MortalClient>();
let looking: NodeJS.Timeout | undefined;

/**
 * A client whose connection ends when a query gets no answer within `query_timeout`. pg itself only gives the query up:
 * what comes after it, a rollback first of all, waits behind it as long again, and whoever gives the connection back without
 * saying so hands it to the next. Nor does this one set a timer for each query.
 */
export class MortalClient extends Client {
  readonly #answersWithinMs: number;
  /** Since when it owes an answer; NaN while it owes none. */
  #askedAt = Number.NaN;

  constructor({ query_timeout: answersWithinMs = Number.POSITIVE_INFINITY, ...config }: ClientConfig = {}) {
    super(config);
    this.#answersWithinMs = answersWithinMs;
    // An answer came; what was asked after it has waited for its turn until now.
    this.connection.on("readyForQuery", () => {
      if (!Number.isNaN(this.#askedAt)) this.#askedAt = performance.now();
    });
    this.on("drain", () => (this.#askedAt = Number.NaN));
    this.on("end", () => forget(this));
    alive.add(this);
    looking ??= setInterval(endDead, LOOK_EVERY_MS).unref();
  }

  override query = ((...args: unknown[]) => {
    if (Number.isNaN(this.#askedAt)) this.#askedAt = performance.now();
    return (super.query as (...given: unknown[]) => unknown)(...args);
  }) as Client["query"];

  /** Ends the connection where it owes an answer for too long; whoever waits is told that it was lost. */
  endIfDead(now: number): void {
    if (now - this.#askedAt > this.#answersWithinMs) this.connection.stream.destroy();
  }
}

function endDead(): void {
  const now = performance.now();
  for (const client of alive) client.endIfDead(now);
}

function forget(client: MortalClient): void {
  alive.delete(client);
  if (alive.size > 0) return;
  clearInterval(looking);
  looking = undefined;
}
