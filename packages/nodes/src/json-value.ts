import { isRecord, setOwn, type Json } from "@heddle/schema";

/** A value as JSON keeps it: names without a value are left out, gaps in lists and numbers that JSON lacks become null. */
export function jsonValue(value: unknown): Json {
  if (value === null || value === undefined) return null;
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (Array.isArray(value)) return value.map(jsonValue);
  if (!isRecord(value)) return String(value);
  const copy: Record<string, Json> = {};
  for (const [name, item] of Object.entries(value)) {
    if (item !== undefined) setOwn(copy, name, jsonValue(item));
  }
  return copy;
}
