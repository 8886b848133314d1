import type { JsonSchema } from "@heddle/schema";
import {
  ANYTHING,
  BOOLEAN,
  type Builtin,
  builtinTable,
  type CallTypes,
  INTEGER,
  integerArgument,
  NUMBER,
  TEXT,
  textArgument,
} from "./builtin.ts";
import { ExpressionFault } from "./fault.ts";
import { charge, chargeText, type Evaluation } from "./limits.ts";
import { finite, toNumber } from "./operators.ts";
import { describeKind, isObject, toJsonText, toText } from "./values.ts";

type Args = readonly unknown[];

/** Functions that expressions may call. All depend on their arguments alone: no clock, no chance, no outside world. */
export const functions = builtinTable<undefined>([
  fn("length", "value", INTEGER, "How many characters, elements or fields a value has; 0 for no value.", lengthOf),
  fn("keys", "object", { type: "array", items: TEXT }, "A list of an object's field names.", ([value], evaluation) =>
    fields(value, evaluation).map(([key]) => key),
  ),
  fn("values", "object", { type: "array" }, "A list of an object's values.", ([value], evaluation) =>
    fields(value, evaluation).map(([, item]) => item),
  ),
  fn(
    "entries",
    "object",
    { type: "array", items: { type: "array" } },
    "A list of [name, value] for an object's fields.",
    ([value], evaluation) => fields(value, evaluation),
  ),
  fn("json", "value", TEXT, "JSON text of a value.", ([value], evaluation) => toJsonText(evaluation, value)),
  fn("parseJson", "text, fallback?", ANYTHING, "The value that a JSON text stands for.", parseJson, 2),
  fn("number", "value, fallback?", NUMBER, "The number that a text stands for, or the fallback.", convertNumber, 2),
  fn("string", "value", TEXT, "A value as text.", ([value], evaluation) => toText(evaluation, value)),
  fn("round", "number, digits?", NUMBER, "Rounded to a number of digits after the point (none by default).", round, 2),
  fn("floor", "number", INTEGER, "Rounded down.", ([value]) => Math.floor(toNumber(value, "floor"))),
  fn("ceil", "number", INTEGER, "Rounded up.", ([value]) => Math.ceil(toNumber(value, "ceil"))),
  fn("abs", "number", NUMBER, "Without its sign.", ([value]) => Math.abs(toNumber(value, "abs"))),
  fn(
    "min",
    "…numbers",
    NUMBER,
    "The smallest of several numbers or of a list.",
    (args, evaluation) => extreme(args, evaluation, "min"),
    100,
  ),
  fn(
    "max",
    "…numbers",
    NUMBER,
    "The largest of several numbers or of a list.",
    (args, evaluation) => extreme(args, evaluation, "max"),
    100,
  ),
  fn(
    "sum",
    "…numbers",
    NUMBER,
    "The sum of several numbers or of a list.",
    (args, evaluation) => numbers(args, evaluation, "sum").reduce((total, item) => finite(total + item, "sum"), 0),
    100,
  ),
  {
    ...fn(
      "default",
      "value, fallback",
      ({ args }: CallTypes) => union(args[0] ?? ANYTHING, args[1] ?? ANYTHING),
      "The value, or the fallback where there is none.",
      ([value, fallback]) => value ?? fallback,
      2,
    ),
    minArgs: 2,
  },
  fn("isEmpty", "value", BOOLEAN, "True for no value, an empty or blank text, an empty list and an object without fields.", isEmpty),
  fn("unique", "list", ({ args }: CallTypes) => args[0] ?? ANYTHING, "A list without repetitions of texts and numbers.", unique),
  fn(
    "type",
    "value",
    { type: "string", enum: ["null", "boolean", "number", "text", "list", "object"] },
    "What kind of value it is.",
    ([value]) => kindOf(value),
  ),
  fn("isoDate", "milliseconds", TEXT, "Date and time in ISO 8601 (UTC) of a time in milliseconds, such as run.startedAt.", isoDate),
  fn("encodeUrl", "text", TEXT, "Made safe for use as a part of an address.", encodeUrl),
]);

function fn(
  name: string,
  parameters: string,
  returns: Builtin["returns"],
  help: string,
  compute: (args: Args, evaluation: Evaluation) => unknown,
  maxArgs = 1,
) {
  return {
    name,
    parameters,
    help,
    minArgs: 1,
    maxArgs,
    returns,
    run: (_: undefined, args: Args, evaluation: Evaluation) => compute(args, evaluation),
  };
}

function union(left: JsonSchema, right: JsonSchema): JsonSchema {
  return JSON.stringify(left) === JSON.stringify(right) ? left : { anyOf: [left, right] };
}

function lengthOf([value]: Args, evaluation: Evaluation): number {
  if (value === null || value === undefined) return 0;
  if (typeof value === "string" || Array.isArray(value)) return value.length;
  return fields(value, evaluation).length;
}

function fields(value: unknown, evaluation: Evaluation): [string, unknown][] {
  if (value === null || value === undefined) return [];
  if (!isObject(value)) throw new ExpressionFault("type_mismatch", `this needs an object, but it is ${describeKind(value)}.`);
  const names = Object.keys(value);
  charge(evaluation, names.length * 2);
  return names.map((name) => [name, value[name] ?? null]);
}

function parseJson(args: Args, evaluation: Evaluation): unknown {
  const text = textArgument(args[0], "the JSON text");
  charge(evaluation, 1 + (text.length >> 2));
  try {
    return JSON.parse(text);
  } catch {
    if (args.length > 1) return args[1];
    throw new ExpressionFault("type_mismatch", "the text is not valid JSON.", { hint: "Give a fallback: parseJson(text, null)." });
  }
}

function convertNumber(args: Args): unknown {
  if (args.length < 2) return toNumber(args[0], "number()");
  try {
    return toNumber(args[0], "number()");
  } catch {
    return args[1];
  }
}

function round(args: Args): number {
  const value = toNumber(args[0], "round");
  const digits = integerArgument(args[1], "the number of digits") ?? 0;
  if (digits < 0 || digits > 15) throw new ExpressionFault("type_mismatch", "the number of digits must be between 0 and 15.");
  // Going through the decimal text rounds 1.005 to 1.01, which multiplying by 100 would not.
  const rounded = Number(`${Math.round(Number(`${Math.abs(value)}e${digits}`))}e-${digits}`);
  return Number.isFinite(rounded) ? Math.sign(value) * rounded : value;
}

function numbers(args: Args, evaluation: Evaluation, use: string): number[] {
  const list: Args = args.length === 1 && Array.isArray(args[0]) ? args[0] : args;
  charge(evaluation, list.length);
  return list.map((item) => toNumber(item, use));
}

function extreme(args: Args, evaluation: Evaluation, use: "min" | "max"): number | undefined {
  const list = numbers(args, evaluation, use);
  if (list.length === 0) return undefined;
  return list.reduce((best, item) => (use === "min" ? Math.min(best, item) : Math.max(best, item)));
}

function isEmpty([value]: Args, evaluation: Evaluation): boolean {
  if (value === null || value === undefined) return true;
  if (typeof value === "string") {
    chargeText(evaluation, value.length);
    return value.trim() === "";
  }
  return Array.isArray(value) ? value.length === 0 : isObject(value) && fields(value, evaluation).length === 0;
}

function unique([value]: Args, evaluation: Evaluation): unknown[] {
  if (value === null || value === undefined) return [];
  if (!Array.isArray(value)) throw new ExpressionFault("type_mismatch", `unique needs a list, but this is ${describeKind(value)}.`);
  for (const item of value) charge(evaluation, typeof item === "string" ? 1 + (item.length >> 4) : 1);
  return [...new Set(value)];
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return "list";
  if (typeof value === "string") return "text";
  return typeof value;
}

function isoDate([value]: Args, evaluation: Evaluation): string {
  // A date takes as long as several steps of anything else.
  charge(evaluation, 4);
  const date = new Date(toNumber(value, "isoDate"));
  if (Number.isNaN(date.getTime())) throw new ExpressionFault("type_mismatch", "this number is not a time in milliseconds.");
  return date.toISOString();
}

function encodeUrl([value]: Args, evaluation: Evaluation): string {
  const text = toText(evaluation, value);
  chargeText(evaluation, text.length * 3);
  return encodeURIComponent(text.toWellFormed());
}
