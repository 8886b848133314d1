import { ExpressionFault } from "./fault.ts";
import { charge, chargeText, type Evaluation } from "./limits.ts";
import { describeKind, isObject, refuseForbiddenKey, toText } from "./values.ts";

/** An operator with two operands that are both evaluated. */
export type BinaryOperator = (evaluation: Evaluation, left: unknown, right: unknown) => unknown;

/** Shorter texts are compared for free. */
const FREE_TEXT_LENGTH = 256;

/** The operators that expressions know; `&&`, `||` and `??` are compiled apart because they may skip their right side. */
export const binaryOperators: ReadonlyMap<string, BinaryOperator> = new Map<string, BinaryOperator>([
  ["+", add],
  ["-", arithmetic("-", (left, right) => left - right)],
  ["*", arithmetic("*", (left, right) => left * right)],
  ["/", arithmetic("/", (left, right) => left / right)],
  ["%", arithmetic("%", (left, right) => left % right)],
  ["**", arithmetic("**", (left, right) => left ** right)],
  ["===", isIdentical],
  ["!==", (evaluation, left, right) => !isIdentical(evaluation, left, right)],
  ["==", isEqual],
  ["!=", (evaluation, left, right) => !isEqual(evaluation, left, right)],
  ["<", comparison("<", (order) => order < 0)],
  ["<=", comparison("<=", (order) => order <= 0)],
  [">", comparison(">", (order) => order > 0)],
  [">=", comparison(">=", (order) => order >= 0)],
  ["in", hasKey],
]);

/** The number that a value stands for. @throws ExpressionFault where it stands for none */
export function toNumber(value: unknown, use: string): number {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "string") {
    const number = readNumber(value);
    if (Number.isFinite(number) && value.trim() !== "") return number;
  }
  if (value === null || value === undefined) {
    throw new ExpressionFault("type_mismatch", `${use} needs a number, but there is no value.`, {
      hint: "Give a fallback: default(value, 0).",
    });
  }
  const shown = typeof value === "string" ? `the text ${JSON.stringify(value.slice(0, 40))}` : describeKind(value);
  throw new ExpressionFault("type_mismatch", `${use} needs a number, but this is ${shown}.`, {
    hint: "Convert it with number(value, fallback).",
  });
}

/** Longer texts are not read as numbers: it would be work that nobody counts. */
const LONGEST_NUMBER = 400;

function readNumber(value: unknown): number {
  return typeof value === "string" && value.length > LONGEST_NUMBER ? Number.NaN : Number(value);
}

/** @throws ExpressionFault when the result is no finite number, which JSON could not carry */
export function finite(value: number, use: string): number {
  if (Number.isFinite(value)) return value;
  throw new ExpressionFault("type_mismatch", `the result of ${use} is not a finite number.`, { hint: "Check for a division by zero." });
}

/** Equality without conversion; objects and lists are equal only to themselves. */
export function isIdentical(evaluation: Evaluation, left: unknown, right: unknown): boolean {
  if (typeof left === "string" && typeof right === "string" && left.length > FREE_TEXT_LENGTH && left.length === right.length) {
    charge(evaluation, left.length >> 4);
  }
  return left === right;
}

/** `==` as in JavaScript between simple values; objects are never converted. */
function isEqual(evaluation: Evaluation, left: unknown, right: unknown): boolean {
  if (typeof left === typeof right || left === null || right === null) {
    return isIdentical(evaluation, left ?? null, right ?? null);
  }
  if (typeof left === "object" || typeof right === "object" || left === undefined || right === undefined) return false;
  // Two different kinds of text, number and boolean: JavaScript compares them as numbers.
  return readNumber(left) === readNumber(right);
}

function add(evaluation: Evaluation, left: unknown, right: unknown): unknown {
  if (typeof left === "number" && typeof right === "number") return finite(left + right, "+");
  if (typeof left === "string" || typeof right === "string") {
    const leftText = toText(evaluation, left);
    const rightText = toText(evaluation, right);
    chargeText(evaluation, leftText.length + rightText.length);
    return leftText + rightText;
  }
  return finite(toNumber(left, "+") + toNumber(right, "+"), "+");
}

function arithmetic(operator: string, compute: (left: number, right: number) => number): BinaryOperator {
  return (_evaluation, left, right) => finite(compute(toNumber(left, operator), toNumber(right, operator)), operator);
}

/** Texts are ordered by UTF-16 units, anything else as numbers. Where a side has no value, every comparison is false. */
function comparison(operator: string, accept: (order: number) => boolean): BinaryOperator {
  return (evaluation, left, right) => {
    if (typeof left === "number" && typeof right === "number") return accept(left - right);
    if (left === null || left === undefined || right === null || right === undefined) return false;
    if (typeof left === "string" && typeof right === "string") return accept(compareTexts(evaluation, left, right));
    return accept(toNumber(left, operator) - toNumber(right, operator));
  };
}

/** Negative, zero or positive, as sort functions want it. */
export function compareTexts(evaluation: Evaluation, left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  if (length > FREE_TEXT_LENGTH) charge(evaluation, length >> 4);
  return left === right ? 0 : left < right ? -1 : 1;
}

function hasKey(_evaluation: Evaluation, key: unknown, target: unknown): boolean {
  if (target === null || target === undefined) return false;
  if (typeof key !== "string" || !isObject(target)) {
    throw new ExpressionFault("type_mismatch", `\`in\` asks whether an object has a field, but this is ${describeKind(target)}.`, {
      hint: "To look for an element of a list, use list.includes(value).",
    });
  }
  refuseForbiddenKey(key);
  return Object.hasOwn(target, key);
}
