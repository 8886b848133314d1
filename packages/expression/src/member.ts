import type { Builtin } from "./builtin.ts";
import { ExpressionFault } from "./fault.ts";
import { charge, type Evaluation } from "./limits.ts";
import { listMethods } from "./list-methods.ts";
import { booleanMethods, numberMethods } from "./number-methods.ts";
import { textMethods } from "./text-methods.ts";
import { describeKind, refuseForbiddenKey } from "./values.ts";

/** Methods by the JSON type of what stands before the dot. */
export const methodsByType = { string: textMethods, array: listMethods, number: numberMethods, boolean: booleanMethods } as const;

/** Every name that is a method of something. */
export const methodNames: ReadonlySet<string> = new Set(Object.values(methodsByType).flatMap((table) => [...table.keys()]));

/** Names whose first argument is an arrow function. */
export const callbackMethods: ReadonlySet<string> = new Set(
  Object.values(methodsByType).flatMap((table) =>
    [...table.values()].filter((method) => method.callback !== undefined).map((method) => method.name),
  ),
);

/** The methods of a value; undefined for objects, which have none. */
export function methodsOf(value: unknown): ReadonlyMap<string, Builtin> | undefined {
  if (typeof value === "string") return textMethods;
  if (Array.isArray(value)) return listMethods;
  if (typeof value === "number") return numberMethods;
  if (typeof value === "boolean") return booleanMethods;
  return undefined;
}

/**
 * Reads `value.key` for a key that was checked when the expression was compiled. Only own fields exist, so nothing is
 * ever reached through a prototype. No value has no fields.
 */
export function readField(value: unknown, key: string): unknown {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
  }
  if (value === null || value === undefined || typeof value === "function" || typeof value === "symbol") return undefined;
  if (key === "length" && (typeof value === "string" || Array.isArray(value))) return value.length;
  if (methodsOf(value)?.has(key) === true) {
    throw new ExpressionFault("type_mismatch", `\`${key}\` is a method of ${describeKind(value)}.`, { hint: `Add parentheses: ${key}().` });
  }
  return undefined;
}

/** Reads `value[key]` for a key that is known only now. */
export function readElement(evaluation: Evaluation, value: unknown, key: unknown): unknown {
  if (key === null || key === undefined) return undefined;
  if (typeof key === "number") {
    if (Array.isArray(value) || typeof value === "string") return Number.isInteger(key) && key >= 0 ? value[key] : undefined;
    return readField(value, String(key));
  }
  if (typeof key !== "string") {
    throw new ExpressionFault("type_mismatch", `what stands in [ ] must be a text or a number, but it is ${describeKind(key)}.`);
  }
  refuseForbiddenKey(key);
  charge(evaluation, 1 + (key.length >> 4));
  if ((Array.isArray(value) || typeof value === "string") && /^(?:0|[1-9][0-9]{0,14})$/.test(key)) return value[Number(key)];
  return readField(value, key);
}
