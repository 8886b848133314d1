import type { Clock } from "./ports.ts";

const MOST_DRIFT_MS = 50;
/** ms since the epoch when the process began; a constant, though it is asked of the platform each time it is read. */
const ORIGIN = performance.timeOrigin;
/** Timers beyond this go off at once. */
const MOST_TIMER_MS = 2 ** 31 - 1;

/** The real clock, on any JavaScript platform: ms with microseconds, because most steps take less than one. */
export const systemClock: Clock = {
  now: () => {
    const coarse = Date.now();
    const fine = ORIGIN + performance.now();
    // The fine clock stands still while a machine sleeps; then the coarse one is right.
    return Math.abs(fine - coarse) < MOST_DRIFT_MS ? Math.round(fine * 1_000) / 1_000 : coarse;
  },
  wakeAfter: (ms, wake) => {
    const timer = setTimeout(wake, Math.min(ms, MOST_TIMER_MS));
    return () => clearTimeout(timer);
  },
};

/** The platform's own randomness, for spreading retries; not for secrets. */
export const systemRandom = (): number => Math.random();
