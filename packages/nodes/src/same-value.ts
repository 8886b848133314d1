import { isRecord, type Json } from "@heddle/schema";

/**
 * Whether people would call two values the same: texts, numbers and true or false by how they read, so that a 5 from a
 * form equals the number 5; lists and objects by their content, whatever the order of names.
 */
export function sameValue(left: Json, right: Json, ignoresCase = false): boolean {
  if (isPlain(left) && isPlain(right)) {
    const [first, second] = [String(left).trim(), String(right).trim()];
    return ignoresCase ? first.toLowerCase() === second.toLowerCase() : first === second;
  }
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, index) => sameValue(item, right[index] ?? null, ignoresCase));
  }
  if (!isRecord(left) || !isRecord(right)) return left === null && right === null;
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => Object.hasOwn(right, name) && sameValue(left[name] as Json, right[name] as Json, ignoresCase))
  );
}

function isPlain(value: Json): value is string | number | boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}
