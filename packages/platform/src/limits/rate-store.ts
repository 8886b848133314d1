/** A process asks for a part of a window's budget. */
export interface Draw {
  key: string;
  /** Of the whole window. */
  limit: number;
  /** How much is asked for. */
  amount: number;
  windowMs: number;
}

/** What it gets. */
export interface Drawn {
  /** As much as was asked for, or what was left. */
  granted: number;
  /** What nobody has taken yet. */
  left: number;
  /** Until the window ends, ms. */
  endsInMs: number;
}

/** Where processes share the budgets of rate limits. A window begins with its first draw. */
export interface RateStore {
  /** @throws Error where the store can't be asked */
  draw(draw: Draw): Promise<Drawn>;
  close(): Promise<void>;
}

/** What a draw got, from how much has been asked for in its window until now, itself included. */
export function grantOf({ limit, amount }: Draw, taken: number, endsInMs: number): Drawn {
  const before = taken - amount;
  return { granted: Math.min(amount, Math.max(0, limit - before)), left: Math.max(0, limit - taken), endsInMs: Math.max(0, endsInMs) };
}
