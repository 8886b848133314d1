import type { Database } from "@heddle/db";

/** How long a delivery and its log are kept, days. */
export const KEPT_DAYS = 30;
const DAY_MS = 86_400_000;
/** Rows that one transaction removes. */
const BATCH = 1_000;

/** Removes deliveries that have ended and are older than they are kept. @returns how many */
export async function sweepDeliveries(db: Database, now: number = Date.now()): Promise<number> {
  for (let removed = 0; ;) {
    const { rows } = await db.pools.app.query<{ removed: number }>("SELECT heddle_sweep_webhook_deliveries($1, $2) AS removed", [
      new Date(now - KEPT_DAYS * DAY_MS),
      BATCH,
    ]);
    const count = rows[0]?.removed ?? 0;
    removed += count;
    if (count < BATCH) return removed;
  }
}
