import type { Clock } from "./ports.ts";

/** Something that will ring at a time unless it is cancelled. */
export interface Alarm {
  readonly at: number;
  readonly ring: () => void;
}

/**
 * All the deadlines of one run over a single timer of the clock. Most deadlines are step timeouts that never ring, so
 * cancelling one only forgets it: the timer stays, and goes on to the next deadline when it ends.
 */
export class Alarms {
  readonly #clock: Clock;
  readonly #onFault: (fault: unknown) => void;
  /** Made when first needed: a run that never has to wait for anything sets none. */
  #alarms: Set<Alarm> | undefined;
  #wakesAt = Number.POSITIVE_INFINITY;
  #stop: (() => void) | undefined;

  constructor(clock: Clock, onFault: (fault: unknown) => void) {
    this.#clock = clock;
    this.#onFault = onFault;
  }

  /** Rings at `at` (ms since the epoch), or as soon as the clock allows when that is past. */
  set(at: number, ring: () => void): Alarm {
    const alarm = { at, ring };
    (this.#alarms ??= new Set()).add(alarm);
    if (at < this.#wakesAt) this.#sleepUntil(at);
    return alarm;
  }

  cancel(alarm: Alarm): void {
    this.#alarms?.delete(alarm);
  }

  /** Forgets every alarm and stops the timer. */
  clear(): void {
    if (this.#alarms === undefined) return;
    this.#alarms.clear();
    this.#stopSleeping();
  }

  #stopSleeping(): void {
    this.#wakesAt = Number.POSITIVE_INFINITY;
    this.#stop?.();
    this.#stop = undefined;
  }

  #sleepUntil(at: number): void {
    this.#stopSleeping();
    this.#wakesAt = at;
    try {
      this.#stop = this.#clock.wakeAfter(Math.max(0, at - this.#clock.now()), () => this.#wake());
    } catch (fault) {
      this.#onFault(fault);
    }
  }

  #wake(): void {
    this.#stop = undefined;
    this.#wakesAt = Number.POSITIVE_INFINITY;
    try {
      this.#ringDue();
    } catch (fault) {
      this.#onFault(fault);
    }
  }

  #ringDue(): void {
    const alarms = this.#alarms ?? new Set();
    const now = this.#clock.now();
    const due = [...alarms].filter((alarm) => alarm.at <= now).toSorted((a, b) => a.at - b.at);
    for (const alarm of due) {
      // An earlier alarm of this round may have cancelled it.
      if (alarms.delete(alarm)) alarm.ring();
    }
    let next = Number.POSITIVE_INFINITY;
    for (const alarm of alarms) next = Math.min(next, alarm.at);
    if (next < this.#wakesAt) this.#sleepUntil(next);
  }
}
