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
 * Work that may be done on one budget. One unit is one step of a callback, one element that is visited or made, or 16
 * characters that are. The costliest ways found to spend a million took 100 ms of one core.
 */
export const MAX_WORK = 1_000_000;

/** Work done so far. Evaluations that share a budget may together do no more than one of them alone. */
export interface WorkBudget {
  work: number;
}

/** State of one evaluation. */
export interface Evaluation {
  readonly scope: Record<string, unknown>;
  /** Parameters of arrow functions. They have fixed slots, because an arrow function can't call itself. */
  readonly locals: unknown[];
  readonly budget: WorkBudget;
}

/** Counts work. @throws ExpressionFault past {@link MAX_WORK} */
export function charge(evaluation: Evaluation, units: number): void {
  evaluation.budget.work += units;
  if (evaluation.budget.work > MAX_WORK) {
    throw new ExpressionFault("expression_limit", "this takes more work than an expression may do.", {
      hint: "Use less data, or do it in a code node.",
    });
  }
}

/** Counts the work of reading or making a text of this length, before it is made. */
export function chargeText(evaluation: Evaluation, length: number): void {
  refuseLongText(length);
  charge(evaluation, 1 + (length >> 4));
}

/** @throws ExpressionFault for a text longer than {@link MAX_TEXT_LENGTH} */
export function refuseLongText(length: number): void {
  if (length > MAX_TEXT_LENGTH) {
    throw new ExpressionFault("expression_limit", `this makes a text of more than ${MAX_TEXT_LENGTH} characters.`, {
      hint: "Cut it with slice() first.",
    });
  }
}
