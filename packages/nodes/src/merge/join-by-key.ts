import { HeddleError, type Json } from "@heddle/schema";
import { listFrom, readField } from "../list-items.ts";

/** A join multiplies rows with the same key; beyond this the key is a wrong one, and memory would not do. */
const MAX_ROWS = 100_000;

/**
 * Joins lists, given by branch, as tables are: for each key, one row per combination of the branches' rows, each under its
 * branch's name. Keys stand in the order in which they first come up, branches in the order of their names, so that the
 * order of arrival decides nothing.
 * @throws HeddleError param_invalid, value_too_large
 */
export function joinByKey(branches: Record<string, Json>, { key, keepsUnmatched }: { key: string; keepsUnmatched: boolean }): Json[] {
  const names = Object.keys(branches).toSorted();
  const keys = new Map<string, Json>();
  const groups = names.map((name) => {
    const group = new Map<string, Json[]>();
    for (const row of listFrom(branches[name] ?? null, `What "${name}" gives`)) {
      const value = readField(row, key);
      // What has no key belongs to nothing; two rows without one are not the same.
      if (value === undefined || value === null) continue;
      const text = JSON.stringify(value);
      keys.set(text, value);
      const rows = group.get(text);
      if (rows === undefined) group.set(text, [row]);
      else rows.push(row);
    }
    return group;
  });
  const joined: Json[] = [];
  for (const [text, value] of keys) {
    const parts = groups.map((group) => group.get(text));
    if (!keepsUnmatched && parts.includes(undefined)) continue;
    let rows: Record<string, Json>[] = [{ key: value }];
    for (const [place, name] of names.entries()) {
      const matches: Json[] = parts[place] ?? [null];
      if (joined.length + rows.length * matches.length > MAX_ROWS) throw tooMany();
      rows = rows.flatMap((row) => matches.map((match) => ({ ...row, [name]: match })));
    }
    joined.push(...rows);
  }
  return joined;
}

function tooMany(): HeddleError {
  return new HeddleError("value_too_large", `Joining gives more than ${MAX_ROWS.toLocaleString("en")} rows.`, {
    hint: "Choose a key that names one row in at least one of the lists.",
  });
}
