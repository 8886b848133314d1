import { HeddleError } from "@heddle/schema";

/** Where in the template's source something stands: offsets in UTF-16 units, `end` exclusive. */
export interface Span {
  start: number;
  end: number;
}

/** What is wrong with an expression, for programs. */
export type FaultCode =
  | "expression_syntax"
  | "expression_forbidden"
  | "expression_limit"
  | "unknown_reference"
  | "unknown_property"
  | "unknown_function"
  | "unknown_method"
  | "type_mismatch"
  | "never_equal";

/**
 * Thrown while an expression is compiled or evaluated. It never leaves this package: {@link toHeddleError} gives it the
 * source it belongs to.
 */
export class ExpressionFault extends Error {
  override readonly name = "ExpressionFault";
  readonly code: FaultCode;
  readonly hint: string | undefined;
  span: Span | undefined;

  constructor(code: FaultCode, message: string, options: { hint?: string | undefined; span?: Span | undefined } = {}) {
    super(message);
    this.code = code;
    this.hint = options.hint;
    this.span = options.span;
  }
}

/** Gives a fault that has no place yet the place where it surfaced; anything else is passed on as it is. */
export function placeFault(error: unknown, span: Span): unknown {
  if (error instanceof ExpressionFault && error.span === undefined) error.span = { start: span.start, end: span.end };
  return error;
}

const LONGEST_QUOTE = 80;

/** A piece of source as it is quoted in messages: on one line, at most 80 characters. */
export function quoteSource(source: string, span: Span): string {
  const text = source.slice(span.start, span.end).replaceAll(/\s+/g, " ").trim();
  return text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE - 1)}…` : text;
}

/** The whole expression around a place in a template: a single bracket says little in a message. */
function around(source: string, span: Span): Span {
  const start = Math.max(0, source.lastIndexOf("{{", span.start));
  const close = source.indexOf("}}", span.start - 1);
  return { start, end: close === -1 ? source.length : close + 2 };
}

/** Turns whatever evaluation threw into the one error class that leaves this package. */
export function toHeddleError(error: unknown, source: string): HeddleError {
  if (error instanceof HeddleError) return error;
  if (error instanceof ExpressionFault) {
    const { span, hint } = error;
    const quote = span === undefined ? "" : quoteSource(source, error.code === "expression_syntax" ? around(source, span) : span);
    return new HeddleError("expression_failed", quote === "" ? error.message : `In \`${quote}\`: ${error.message}`, {
      ...(hint === undefined ? {} : { hint }),
      details: { problem: error.code, ...(span === undefined ? {} : { start: span.start, end: span.end }) },
      cause: error,
    });
  }
  if (error instanceof RangeError) {
    return new HeddleError("expression_failed", "The expression is nested too deeply or makes too large a value.", {
      hint: "Split it into several nodes.",
      details: { problem: "expression_limit" },
      cause: error,
    });
  }
  return new HeddleError("expression_failed", "The expression can't be evaluated.", { cause: error });
}
