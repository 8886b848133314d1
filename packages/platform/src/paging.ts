import { isId } from "@heddle/db";
import { HeddleError, type Page } from "@heddle/schema";

export interface PageRequest {
  cursor?: string | undefined;
  /** 1 to 200 */
  limit?: number | undefined;
}

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;

/** How many rows to ask for: one more than the page holds, which tells whether there is another page. */
export function takeFor({ limit }: PageRequest): number {
  return Math.min(Math.max(limit ?? DEFAULT_LIMIT, 1), MAX_LIMIT) + 1;
}

/** Cuts the extra row off and names the last one as the cursor. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  request: PageRequest,
  toItem: (row: Row) => Item,
  toCursor: (row: Row) => string,
): Page<Item> {
  const limit = takeFor(request) - 1;
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown.map(toItem), nextCursor: rows.length > limit && last !== undefined ? toCursor(last) : null };
}

/** The id that a cursor of an id-ordered list holds. @throws HeddleError invalid_request */
export function idCursor({ cursor }: PageRequest): string | undefined {
  if (cursor === undefined) return undefined;
  if (!isId(cursor)) throw badCursor();
  return cursor;
}

/** Cursor of a list that is ordered by time, then id. */
export function timeCursor(time: Date, id: string): string {
  return `${time.getTime().toString(36)}.${id}`;
}

/** @throws HeddleError invalid_request */
export function readTimeCursor({ cursor }: PageRequest): { time: Date; id: string } | undefined {
  if (cursor === undefined) return undefined;
  const [time = "", id = ""] = cursor.split(".");
  const ms = Number.parseInt(time, 36);
  if (!/^[0-9a-z]{1,9}$/.test(time) || !Number.isFinite(ms) || !isId(id)) throw badCursor();
  return { time: new Date(ms), id };
}

/** The refusal of a cursor that was made up. */
export function badCursor(): HeddleError {
  return new HeddleError("invalid_request", "The cursor is not one that a list gave out.");
}
