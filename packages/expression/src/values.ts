import { ExpressionFault } from "./fault.ts";
import { charge, chargeText, type Evaluation, MAX_VALUE_DEPTH } from "./limits.ts";

/** Keys that lead from data to the machinery behind it. Nobody may read or write them, not even where data has them. */
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/** True for keys that expressions refuse. */
export function isForbiddenKey(key: string): boolean {
  return FORBIDDEN_KEYS.has(key);
}

/** @throws ExpressionFault for a forbidden key */
export function refuseForbiddenKey(key: string): void {
  if (FORBIDDEN_KEYS.has(key)) {
    throw new ExpressionFault("expression_forbidden", `\`${key}\` can't be used in expressions.`, {
      hint: "Rename the field in the data.",
    });
  }
}

/** What a value is called in messages. */
export function describeKind(value: unknown): string {
  if (value === null || value === undefined) return "no value";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "string") return "a text";
  if (typeof value === "number") return "a number";
  if (typeof value === "boolean") return "true or false";
  return "an object";
}

/** True for what counts as an object with fields: no list, no function. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Walks a value and counts it as work, so that a small expression can't make a huge value by using one part many times.
 * @throws ExpressionFault when it is too large or too deep
 */
export function measure(evaluation: Evaluation, value: unknown, depth = 0): void {
  if (typeof value === "string") {
    chargeText(evaluation, value.length);
    return;
  }
  charge(evaluation, 1);
  if (typeof value !== "object" || value === null) return;
  if (depth === MAX_VALUE_DEPTH) {
    throw new ExpressionFault("expression_limit", `the value is nested more than ${MAX_VALUE_DEPTH} levels deep.`);
  }
  if (Array.isArray(value)) {
    for (const item of value) measure(evaluation, item, depth + 1);
    return;
  }
  for (const key of Object.keys(value)) {
    charge(evaluation, 1 + (key.length >> 4));
    measure(evaluation, (value as Record<string, unknown>)[key], depth + 1);
  }
}

/** JSON text of a value. */
export function toJsonText(evaluation: Evaluation, value: unknown): string {
  measure(evaluation, value);
  const text = JSON.stringify(value) ?? "null";
  chargeText(evaluation, text.length);
  return text;
}

/** A value as it appears in the middle of a text: nothing for no value, JSON for objects and lists. */
export function toText(evaluation: Evaluation, value: unknown): string {
  if (typeof value === "string") return value;
  if (value === null || value === undefined) return "";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return toJsonText(evaluation, value);
}
