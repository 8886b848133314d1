import type { SeededRandom } from "./seeded-random.ts";

export const FAULT_KINDS = [
  "kill-9",
  "rolling-restart",
  "stop-past-lease",
  "redis-flush",
  "redis-away",
  "postgres-stop",
  "postgres-immediate",
  "postgres-crash",
  "half-open-postgres",
  "half-open-redis",
  "disk-full",
  "clock-shift",
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** A fault that is to come. Everything about it was decided by the seed before the run began. */
export interface PlannedFault {
  kind: FaultKind;
  /** Since the end of the fault before, ms. */
  afterMs: number;
  /** How long it lasts, ms. */
  forMs: number;
  /** Decides about the victim and the rest, in [0, 1). */
  luck: number;
}

export interface FaultPlanOptions {
  random: SeededRandom;
  kinds: readonly FaultKind[];
  leaseMs: number;
  /** ms between one fault and the next */
  gapMs: readonly [number, number];
  count: number;
}

/** Every kind comes once before any comes again. */
export function planFaults({ random, kinds, leaseMs, gapMs, count }: FaultPlanOptions): PlannedFault[] {
  const plan: PlannedFault[] = [];
  while (plan.length < count) {
    for (const kind of random.shuffle(kinds)) {
      const [least, most] = DURATIONS_MS[kind];
      plan.push({
        kind,
        afterMs: random.between(...gapMs),
        forMs: kind === "stop-past-lease" ? Math.round(leaseMs * (1.2 + random.next() * 0.5)) : random.between(least, most),
        luck: random.next(),
      });
    }
  }
  return plan.slice(0, count);
}

const DURATIONS_MS: Record<FaultKind, readonly [number, number]> = {
  "kill-9": [0, 2_000],
  "rolling-restart": [0, 0],
  "stop-past-lease": [0, 0],
  "redis-flush": [0, 0],
  "redis-away": [1_000, 8_000],
  "postgres-stop": [500, 6_000],
  "postgres-immediate": [500, 6_000],
  "postgres-crash": [0, 0],
  "half-open-postgres": [4_000, 20_000],
  "half-open-redis": [4_000, 20_000],
  "disk-full": [2_000, 6_000],
  "clock-shift": [0, 0],
};
