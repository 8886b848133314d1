import { ExpressionFault } from "./fault.ts";

/** Characters of one expression, delimiters excluded. */
export const MAX_EXPRESSION_LENGTH = 20_000;
/** Nested operators, calls and literals of one expression; keeps evaluation far from the end of the stack. */
export const MAX_EXPRESSION_DEPTH = 200;
/** Characters of any text that an expression makes: as much as a run may put out. */
export const MAX_TEXT_LENGTH = 10 * 1024 * 1024;
/** Objects and lists inside one another, in a value that an expression makes or turns into text. */
export const MAX_VALUE_DEPTH = 128;
/**
 * Work that one evaluation may do. One unit is one step of a callback, one element that is visited or made, or 16
 * characters that are. A million of them took 20 to 90 ms on one core, whatever they were spent on.
 */
export const MAX_WORK = 1_000_000;

/** State of one evaluation. */
export interface Evaluation {
  readonly scope: Record<string, unknown>;
  /** Parameters of arrow functions. They have fixed slots, because an arrow function can't call itself. */
  readonly locals: unknown[];
  work: number;
}

/** Counts work. @throws ExpressionFault past {@link MAX_WORK} */
export function charge(evaluation: Evaluation, units: number): void {
  evaluation.work += units;
  if (evaluation.work > MAX_WORK) {
    throw new ExpressionFault("expression_limit", "this takes more work than an expression may do.", {
      hint: "Use less data, or do it in a code node.",
    });
  }
}

/** Counts the work of reading or making a text of this length, before it is made. */
export function chargeText(evaluation: Evaluation, length: number): void {
  if (length > MAX_TEXT_LENGTH) {
    throw new ExpressionFault("expression_limit", `this makes a text of more than ${MAX_TEXT_LENGTH} characters.`, {
      hint: "Cut it with slice() first.",
    });
  }
  charge(evaluation, 1 + (length >> 4));
}
