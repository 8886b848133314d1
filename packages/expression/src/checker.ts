import type { Node } from "acorn";
import type { JsonSchema } from "@heddle/schema";
import type { FaultCode, Span } from "./fault.ts";

/** Something that will go wrong, or can never mean what it says, found before any run. */
export interface ExpressionProblem {
  code: FaultCode;
  /** Sentences for people: what is wrong, and what to do. */
  message: string;
  /** Offsets in the template. */
  start: number;
  end: number;
  /** For `unknown_reference`: the name. */
  name?: string;
}

/** What a check works with and collects. */
export interface Checker {
  readonly source: string;
  /** Object schema of the scope. */
  readonly scope: JsonSchema;
  readonly problems: ExpressionProblem[];
  /** Called with the type of whatever stands before a dot, and for every name; drives completion. */
  readonly visit?: (node: Node, type: JsonSchema, locals: Locals) => void;
}

export type Locals = ReadonlyMap<string, JsonSchema>;

/** Adds a problem to the list. */
export function report(checker: Checker, code: FaultCode, span: Span, message: string, name?: string): void {
  checker.problems.push({ code, message, start: span.start, end: span.end, ...(name === undefined ? {} : { name }) });
}

/** `a, b and c`, the first eight of them. */
export function listNames(names: string[]): string {
  const shown = names.slice(0, 8).map((name) => `\`${name}\``);
  if (names.length > 8) return `${shown.join(", ")} and ${names.length - 8} more`;
  return shown.length < 2 ? shown.join("") : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}
