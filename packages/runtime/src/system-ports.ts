import type { Clock } from "./ports.ts";

const MOST_DRIFT_MS = 50;

/** The real clock, on any JavaScript platform: ms with microseconds, because most steps take less than one. */
export const systemClock: Clock = {
  now: () => {
    const coarse = Date.now();
    const fine = performance.timeOrigin + performance.now();
    // The fine clock stands still while a machine sleeps; then the coarse one is right.
    return Math.abs(fine - coarse) < MOST_DRIFT_MS ? Math.round(fine * 1_000) / 1_000 : coarse;
  },
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      const abort = () => {
        clearTimeout(timer);
        reject(signal.reason);
      };
      const timer = setTimeout(() => {
        signal.removeEventListener("abort", abort);
        resolve();
      }, ms);
      signal.addEventListener("abort", abort, { once: true });
    }),
};

/** The platform's own randomness, for spreading retries; not for secrets. */
export const systemRandom = (): number => Math.random();
