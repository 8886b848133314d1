import { HeddleError } from "@heddle/schema";
import type { WorkspaceLimits } from "./workspace-limits.ts";

/** Runs by agent. */
export type RunCounts = ReadonlyMap<string, number>;

export interface RunSlotsOptions {
  /** Runs of a workspace that go on now, without those that this process began for callers who wait. */
  readOthers: (workspaceId: string) => Promise<RunCounts>;
  onFault: (fault: unknown) => void;
  /** ms that never go back */
  now?: (() => number) | undefined;
}

interface Slots {
  own: Map<string, number>;
  others: RunCounts;
  readAt: number;
  reading: Promise<void> | undefined;
}

/** How old the count of other runs may be, ms. */
const REFRESH_MS = 1_000;
const RETRY_AFTER_MS = 1_000;
const MAX_KEPT = 10_000;

/**
 * Refuses callers who wait for their answer where as many runs go on as somebody allowed; queued runs wait instead. Its own
 * runs a process knows; those of others it reads every second, so a limit is overshot at most by what others begin in one.
 */
export class RunSlots {
  readonly #options: RunSlotsOptions;
  readonly #slots = new Map<string, Slots>();
  readonly #now: () => number;

  constructor(options: RunSlotsOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Returns what gives the slot back; undefined where nothing is limited. No promise where nothing is limited or the count is young. @throws HeddleError rate_limited */
  take(workspaceId: string, agentId: string, limits: WorkspaceLimits): (() => void) | undefined | Promise<() => void> {
    const ofAgent = limits.agents.get(agentId)?.concurrency ?? null;
    const ofWorkspace = limits.isConcurrencySet ? limits.concurrency : null;
    if (ofAgent === null && ofWorkspace === null) return undefined;
    const slots = this.#slotsOf(workspaceId);
    if (this.#now() - slots.readAt <= REFRESH_MS) return this.#takeFrom(workspaceId, slots, agentId, { ofAgent, ofWorkspace });
    return this.#read(workspaceId, slots).then(() => this.#takeFrom(workspaceId, slots, agentId, { ofAgent, ofWorkspace }));
  }

  #takeFrom(
    workspaceId: string,
    { own, others }: Slots,
    agentId: string,
    { ofAgent, ofWorkspace }: { ofAgent: number | null; ofWorkspace: number | null },
  ): () => void {
    if (ofAgent !== null && (own.get(agentId) ?? 0) + (others.get(agentId) ?? 0) >= ofAgent) throw isFull("This agent", ofAgent);
    if (ofWorkspace !== null && sum(own) + sum(others) >= ofWorkspace) throw isFull("This workspace", ofWorkspace);
    own.set(agentId, (own.get(agentId) ?? 0) + 1);
    let isGiven = true;
    return () => {
      if (!isGiven) return;
      isGiven = false;
      const left = (own.get(agentId) ?? 1) - 1;
      if (left > 0) own.set(agentId, left);
      else own.delete(agentId);
      if (own.size === 0 && this.#slots.size > MAX_KEPT) this.#slots.delete(workspaceId);
    };
  }

  #slotsOf(workspaceId: string): Slots {
    const kept = this.#slots.get(workspaceId);
    if (kept !== undefined) return kept;
    const slots: Slots = { own: new Map(), others: new Map(), readAt: Number.NEGATIVE_INFINITY, reading: undefined };
    this.#slots.set(workspaceId, slots);
    return slots;
  }

  async #read(workspaceId: string, slots: Slots): Promise<void> {
    slots.reading ??= this.#options
      .readOthers(workspaceId)
      .then((others) => {
        slots.others = others;
        slots.readAt = this.#now();
      }, this.#options.onFault)
      .finally(() => (slots.reading = undefined));
    await slots.reading;
  }
}

function isFull(who: string, limit: number): HeddleError {
  const runs = limit === 1 ? "one run" : `${limit} runs`;
  return new HeddleError("rate_limited", `${who} may have ${runs} going on at once, and has. Try again in a moment.`, {
    retryAfterMs: RETRY_AFTER_MS,
    details: { concurrency: limit },
    hint: "Calls with ?async=1 wait in the queue instead of being refused.",
  });
}

function sum(counts: RunCounts): number {
  let all = 0;
  for (const count of counts.values()) all += count;
  return all;
}
