import { HeddleError } from "@heddle/schema";
import type { RateStore } from "./rate-store.ts";

/** Requests are counted by the minute. */
export const RATE_WINDOW_MS = 60_000;

/** Whose requests are counted, and how many a minute they may be. */
export interface RateSubject {
  /** `address`: without a name, or with a wrong one; the others are what they say. */
  policy: "address" | "user" | "key" | "agent";
  id: string;
  limit: number;
}

/** What taking found; of several subjects, the one that is nearest to its limit. */
export interface RateVerdict {
  isAllowed: boolean;
  policy: RateSubject["policy"];
  limit: number;
  remaining: number;
  /** Until the count starts anew, ms. */
  resetMs: number;
}

export interface RateLimiterOptions {
  /** Where processes share their counts; without one this process counts alone. */
  store?: RateStore | undefined;
  /** Told once each time the store is lost. */
  onFault?: ((fault: unknown) => void) | undefined;
  /** ms that never go back */
  now?: (() => number) | undefined;
}

interface Budget {
  limit: number;
  /** What this process may still give out by itself. */
  left: number;
  /** What it has given out in this window. */
  given: number;
  /** What nobody had taken from the store when it was asked last. */
  unclaimed: number;
  endsAt: number;
  /** Requests that wait for more. */
  waiting: number;
  drawing: Promise<void> | undefined;
}

/** A flood of addresses must not fill the memory. */
const MAX_BUDGETS = 50_000;
const EVICTED_AT_ONCE = 1_000;
/** How much of what is left a process takes at once, so that little is stuck in those that rest. */
const SHARE = 0.1;
/** A store that does not answer within this is away, ms. */
const STORE_TIMEOUT_MS = 500;
/** How long a store that was away is left alone, ms. */
const STORE_REST_MS = 1_000;

/**
 * Counts requests in windows of a minute. Several processes share one count: each draws a tenth of what is left from the
 * store and gives it out by itself, so that most requests ask nobody, and no window ever gives out more than its limit.
 * While the store is away each process holds to the limit by itself.
 */
export class RateLimiter {
  readonly #store: RateStore | undefined;
  readonly #onFault: (fault: unknown) => void;
  readonly #now: () => number;
  readonly #budgets = new Map<string, Budget>();
  #storeRestsUntil = 0;
  #isStoreLost = false;

  constructor({ store, onFault = () => undefined, now = () => performance.now() }: RateLimiterOptions = {}) {
    this.#store = store;
    this.#onFault = onFault;
    this.#now = now;
  }

  /**
   * Counts one request against every subject, or against none where one of them has none left. No promise where this
   * process can say so by itself. Undefined where nothing is limited.
   */
  take(subjects: readonly RateSubject[], cost = 1): RateVerdict | undefined | Promise<RateVerdict | undefined> {
    if (subjects.length === 0) return undefined;
    const verdict = this.#tryTake(subjects, cost);
    return Array.isArray(verdict) ? this.#drawAndTake(subjects, cost, verdict) : verdict;
  }

  async close(): Promise<void> {
    await this.#store?.close();
  }

  /** What can be said at once; otherwise the subjects of which more must be drawn. */
  #tryTake(subjects: readonly RateSubject[], cost: number): RateVerdict | RateSubject[] {
    const now = this.#now();
    let lacking: RateSubject[] | undefined;
    for (const subject of subjects) {
      const budget = this.#budgetOf(subject, now);
      const needed = costOf(subject, cost);
      if (budget.left >= needed) continue;
      if (budget.left + budget.unclaimed < needed) return verdictOf(subject, budget, false, now);
      (lacking ??= []).push(subject);
    }
    if (lacking !== undefined) return lacking;
    let nearest: { subject: RateSubject; budget: Budget } | undefined;
    for (const subject of subjects) {
      const budget = this.#budgetOf(subject, now);
      const needed = costOf(subject, cost);
      budget.left -= needed;
      budget.given += needed;
      if (nearest === undefined || shareLeft(budget) < shareLeft(nearest.budget)) nearest = { subject, budget };
    }
    // There is one: nobody asks for no subject.
    const { subject, budget } = nearest as { subject: RateSubject; budget: Budget };
    return verdictOf(subject, budget, true, now);
  }

  async #drawAndTake(subjects: readonly RateSubject[], cost: number, lacking: RateSubject[]): Promise<RateVerdict> {
    for (let wanted = lacking; ;) {
      await Promise.all(wanted.map((subject) => this.#draw(subject, cost)));
      const verdict = this.#tryTake(subjects, cost);
      if (!Array.isArray(verdict)) return verdict;
      wanted = verdict;
    }
  }

  #budgetOf(subject: RateSubject, now: number): Budget {
    const key = keyOf(subject);
    const kept = this.#budgets.get(key);
    if (kept !== undefined && kept.endsAt > now) {
      if (kept.limit !== subject.limit) this.#changeLimit(kept, subject.limit);
      return kept;
    }
    const budget = kept ?? { limit: 0, left: 0, given: 0, unclaimed: 0, endsAt: 0, waiting: 0, drawing: undefined };
    const isShared = this.#store !== undefined && this.#storeRestsUntil <= now;
    budget.limit = subject.limit;
    budget.given = 0;
    budget.left = isShared ? 0 : subject.limit;
    budget.unclaimed = isShared ? subject.limit : 0;
    budget.endsAt = now + RATE_WINDOW_MS;
    if (kept === undefined) {
      if (this.#budgets.size >= MAX_BUDGETS) this.#evict(now);
      this.#budgets.set(key, budget);
    }
    return budget;
  }

  #changeLimit(budget: Budget, limit: number): void {
    budget.limit = limit;
    const allowed = Math.max(0, limit - budget.given);
    if (this.#store === undefined) budget.left = allowed;
    else {
      budget.left = Math.min(budget.left, allowed);
      budget.unclaimed = allowed - budget.left;
    }
  }

  /** Draws more from the store; who comes while that is under way waits for it. */
  #draw(subject: RateSubject, cost: number): Promise<void> {
    const budget = this.#budgetOf(subject, this.#now());
    budget.waiting += cost;
    budget.drawing ??= this.#ask(subject, budget).finally(() => (budget.drawing = undefined));
    return budget.drawing.finally(() => (budget.waiting -= cost));
  }

  async #ask(subject: RateSubject, budget: Budget): Promise<void> {
    // Whoever else waits for the same comes in this turn of the event loop and is asked for as well.
    await Promise.resolve();
    const sentAt = this.#now();
    try {
      if (this.#store === undefined || this.#storeRestsUntil > sentAt) throw new Error("The store is left alone for a moment.");
      const amount = Math.max(Math.ceil(budget.unclaimed * SHARE), Math.min(budget.waiting, budget.unclaimed));
      const drawn = await within(
        STORE_TIMEOUT_MS,
        this.#store.draw({ key: keyOf(subject), limit: subject.limit, amount, windowMs: RATE_WINDOW_MS }),
      );
      this.#isStoreLost = false;
      budget.left += drawn.granted;
      budget.unclaimed = drawn.left;
      // Counted from before the question, so that nothing is given out after its window has ended in the store.
      budget.endsAt = sentAt + drawn.endsInMs;
    } catch (error) {
      this.#loseStore(error, sentAt);
      budget.left = Math.max(0, subject.limit - budget.given);
      budget.unclaimed = 0;
    }
  }

  #loseStore(error: unknown, now: number): void {
    if (this.#storeRestsUntil <= now) this.#storeRestsUntil = this.#now() + STORE_REST_MS;
    if (this.#isStoreLost) return;
    this.#isStoreLost = true;
    this.#onFault(error);
  }

  #evict(now: number): void {
    for (const [key, budget] of this.#budgets) if (budget.endsAt <= now && budget.waiting === 0) this.#budgets.delete(key);
    if (this.#budgets.size < MAX_BUDGETS) return;
    let evicted = 0;
    for (const key of this.#budgets.keys()) {
      if (evicted++ >= EVICTED_AT_ONCE) return;
      this.#budgets.delete(key);
    }
  }
}

/** The refusal that a verdict stands for. Its details are what the headers say. */
export function rateLimited({ policy, limit, remaining, resetMs }: RateVerdict): HeddleError {
  const seconds = Math.max(1, Math.ceil(resetMs / 1_000));
  return new HeddleError("rate_limited", `${WHO[policy]} may make ${limit} requests a minute. Try again in ${seconds} s.`, {
    details: { policy, limit, remaining, resetSeconds: seconds, windowSeconds: RATE_WINDOW_MS / 1_000 },
    retryAfterMs: seconds * 1_000,
  });
}

const WHO: Record<RateSubject["policy"], string> = {
  address: "One address without a sign-in or a valid key",
  user: "One person",
  key: "This API key",
  agent: "Callers of this agent together",
};

function keyOf({ policy, id }: RateSubject): string {
  return `${policy}:${id}`;
}

/** What costs more than a whole minute's budget could otherwise never be done. */
function costOf({ limit }: RateSubject, cost: number): number {
  return Math.min(cost, limit);
}

function shareLeft({ left, unclaimed, limit }: Budget): number {
  return (left + unclaimed) / limit;
}

function verdictOf({ policy, limit }: RateSubject, { left, unclaimed, endsAt }: Budget, isAllowed: boolean, now: number): RateVerdict {
  return { isAllowed, policy, limit, remaining: isAllowed ? left + unclaimed : 0, resetMs: Math.max(0, endsAt - now) };
}

async function within<T>(ms: number, answer: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`The store of rate limits did not answer within ${ms} ms.`)), ms);
  });
  answer.catch(() => undefined);
  return await Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
