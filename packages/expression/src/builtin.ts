import type { JsonSchema } from "@heddle/schema";
import { ExpressionFault } from "./fault.ts";
import type { Evaluation } from "./limits.ts";
import { describeKind } from "./values.ts";

/** An arrow function of an expression, bound to the evaluation that runs it. */
export type Callback = (first?: unknown, second?: unknown, third?: unknown) => unknown;

/** What the type checker knows about a call. */
export interface CallTypes {
  /** The value before the dot; for functions, the first argument. */
  receiver: JsonSchema;
  args: JsonSchema[];
  /** What the arrow function returns. */
  callback: JsonSchema;
}

/** A method or function that expressions may call. One table drives evaluation, type checks, completion and docs. */
export interface Builtin {
  name: string;
  /** Names of the arguments for people, optional ones with `?`: `search, replacement?`. */
  parameters: string;
  /** One sentence. */
  help: string;
  minArgs: number;
  maxArgs: number;
  /** Whether the first argument is an arrow function; no other argument ever is. */
  callback?: "required" | "optional";
  returns: JsonSchema | ((types: CallTypes) => JsonSchema);
  /** `receiver` is undefined for functions. Callbacks arrive in `args[0]`. */
  run(receiver: never, args: readonly unknown[], evaluation: Evaluation): unknown;
}

export const TEXT: JsonSchema = { type: "string" };
export const NUMBER: JsonSchema = { type: "number" };
export const INTEGER: JsonSchema = { type: "integer" };
export const BOOLEAN: JsonSchema = { type: "boolean" };
export const ANYTHING: JsonSchema = {};

/** Makes a table that can be asked for any name without meeting the prototype. */
export function builtinTable<R>(
  builtins: (Omit<Builtin, "run"> & { run(receiver: R, args: readonly unknown[], evaluation: Evaluation): unknown })[],
): ReadonlyMap<string, Builtin> {
  return new Map(builtins.map((builtin) => [builtin.name, builtin as unknown as Builtin]));
}

/** @throws ExpressionFault unless the argument is a text */
export function textArgument(value: unknown, name: string): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw new ExpressionFault("type_mismatch", `${name} must be a text, but it is ${describeKind(value)}.`);
}

/** An optional whole number. @throws ExpressionFault for anything else */
export function integerArgument(value: unknown, name: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  throw new ExpressionFault(
    "type_mismatch",
    `${name} must be a whole number, but it is ${typeof value === "number" ? value : describeKind(value)}.`,
  );
}
