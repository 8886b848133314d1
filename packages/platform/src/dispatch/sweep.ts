import { dropOldLetters, dueWorkspaces } from "@heddle/db/queue-statements";
import type { Database } from "@heddle/db";
import type { Hints } from "./hints.ts";

export interface SweepOptions {
  db: Database;
  hints: Hints;
  onFault: (fault: unknown) => void;
  /** ms; 15 s by default. With a lease of 30 s, a dead process is noticed within 45 s. */
  everyMs?: number;
}

export interface Sweep {
  now(): Promise<void>;
  /** Resolves once nothing is under way any more. */
  stop(): Promise<void>;
}

const LETTERS_EVERY_MS = 3_600_000;

/** Sends hints again for what is due, so that no lost hint, dead process or emptied queue holds a run up for longer. */
export function startSweep({ db, hints, onFault, everyMs = 15_000 }: SweepOptions): Sweep {
  const { journal } = db.pools;
  let lettersDroppedAt = 0;
  let running: Promise<void> | undefined;
  const sweep = async (): Promise<void> => {
    for (const workspaceId of await dueWorkspaces(journal)) hints.send(workspaceId);
    if (Date.now() - lettersDroppedAt < LETTERS_EVERY_MS) return;
    await dropOldLetters(journal);
    lettersDroppedAt = Date.now();
  };
  const now = (): Promise<void> =>
    (running ??= sweep()
      .catch(onFault)
      .finally(() => (running = undefined)));
  const timer = setInterval(() => void now(), everyMs);
  timer.unref();
  return {
    now,
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}
