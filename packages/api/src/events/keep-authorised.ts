import { HeddleError } from "@heddle/schema";

/** How often it is asked whether a watcher still may, ms: what was revoked goes quiet within five seconds. */
const RECHECK_EVERY_MS = 4_000;

/** Asks again and again whether something is still allowed, and tells the first refusal. Returns what stops it. */
export function keepAuthorised(check: () => Promise<unknown>, onRefused: (error: HeddleError) => void): () => void {
  let isOver = false;
  const timer = setInterval(() => {
    check().catch((error: unknown) => {
      // While the database is away, what was allowed a moment ago is not taken away for that.
      if (isOver || !(error instanceof HeddleError) || error.status >= 500) return;
      stop();
      onRefused(error);
    });
  }, RECHECK_EVERY_MS);
  const stop = () => {
    isOver = true;
    clearInterval(timer);
  };
  return stop;
}
