import { open } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseError, type Pool } from "pg";
import { joinLines, splitLines } from "./journal-lines.ts";
import { insertLogged } from "./journal-statements.ts";
import { RunLog } from "./run-log.ts";
import { StatsSlots } from "./stats-slots.ts";

export interface LoggedRunsOptions {
  folder: string;
  /** Connections of the role heddle_journal. */
  pool: Pool;
  onError: (error: unknown) => void;
}

/**
 * Opens the log of runs that have ended, for a process that has its database to itself: nobody else may look for what has
 * not landed. A run that the database refuses is kept in the folder, in `refused`, and told of.
 */
export async function openRunLog({ folder, pool, onError }: LoggedRunsOptions): Promise<RunLog> {
  const slots = new StatsSlots();
  const insert = (lines: Buffer, isAgain: boolean): Promise<void> => slots.lend((slot) => insertLogged(pool, lines, slot, { isAgain }));
  const refuse = async (line: Buffer, why: unknown): Promise<void> => {
    const path = join(folder, "refused");
    const file = await open(path, "a", 0o600);
    await file.appendFile(Buffer.concat([line, Buffer.from("\n")])).finally(() => file.close());
    onError(new Error(`The database refused a run that has ended; it is kept in ${path}`, { cause: why }));
  };
  /** Whether it was taken; false where it was refused. */
  const isTaken = async (lines: Buffer, isAgain: boolean): Promise<boolean> => {
    try {
      await insert(lines, isAgain);
      return true;
    } catch (error) {
      if (isRefusal(error)) return false;
      throw error;
    }
  };
  const land = async (batches: Buffer[]): Promise<void> => {
    const lines = joinLines(batches);
    // Refused as a whole where some are there already, and then where one can't be taken.
    if ((await isTaken(lines, false)) || (await isTaken(lines, true))) return;
    for (const line of splitLines(lines)) {
      await insert(line, true).catch((why: unknown) => {
        if (!isRefusal(why)) throw why;
        return refuse(line, why);
      });
    }
  };
  return await RunLog.open({ folder, land, onError });
}

/** Whether the same would be refused again: classes 22 and 23 are about what it holds. */
function isRefusal(error: unknown): boolean {
  return error instanceof DatabaseError && /^2[23]/.test(error.code ?? "");
}
