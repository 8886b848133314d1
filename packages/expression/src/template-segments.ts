import type { Expression } from "acorn";
import { ExpressionFault } from "./fault.ts";
import { MAX_EXPRESSION_LENGTH } from "./limits.ts";
import { parseExpressionFrom } from "./parse.ts";
import { wordOperatorHint } from "./word-operators.ts";

/** A template in pieces. Offsets count from the start of the template; those of segments include the delimiters. */
export type Segment =
  | { kind: "text"; text: string; start: number; end: number }
  | { kind: "expression"; ast: Expression; start: number; end: number }
  | { kind: "broken"; fault: ExpressionFault; start: number; end: number };

export type ExpressionSegment = Extract<Segment, { kind: "expression" }>;

/**
 * Cuts a template at its `{{ }}`. A backslash before `{{` makes it plain text, two make one backslash before an
 * expression. Expressions that can't be parsed become `broken` segments, so that every mistake can be shown at once.
 */
export function splitTemplate(source: string): Segment[] {
  const segments: Segment[] = [];
  let text = "";
  let textStart = 0;
  let position = 0;
  const flush = (end: number): void => {
    if (text !== "") segments.push({ kind: "text", text, start: textStart, end });
    text = "";
  };
  for (;;) {
    const open = source.indexOf("{{", position);
    if (open === -1) break;
    let slashes = 0;
    while (open - slashes > position && source[open - slashes - 1] === "\\") slashes += 1;
    text += source.slice(position, open - slashes) + "\\".repeat(slashes >> 1);
    if (slashes % 2 === 1) {
      text += "{{";
      position = open + 2;
      continue;
    }
    flush(open);
    const segment = readExpression(source, open);
    segments.push(segment);
    position = segment.end;
    textStart = position;
  }
  text += source.slice(position);
  flush(source.length);
  return segments;
}

/** The expression that makes up the whole template, blanks around it aside, and so keeps its type. */
export function soleExpression(segments: Segment[]): ExpressionSegment | undefined {
  const [only, ...others] = segments.filter((segment) => segment.kind !== "text" || segment.text.trim() !== "");
  return others.length === 0 && only?.kind === "expression" ? only : undefined;
}

function readExpression(source: string, start: number): Segment {
  const bodyStart = start + 2;
  try {
    const ast = parseExpressionFrom(source, bodyStart);
    const close = skipBlanks(source, ast.end);
    if (source.startsWith("}}", close)) return { kind: "expression", ast, start, end: close + 2 };
    throw unexpected(source, close, start);
  } catch (error) {
    if (!(error instanceof ExpressionFault)) throw error;
    const close = source.indexOf("}}", Math.max(bodyStart, (error.span?.start ?? 0) - 1));
    return { kind: "broken", fault: error, start, end: close === -1 ? source.length : close + 2 };
  }
}

/** The next offset that is neither blank nor inside a comment. */
function skipBlanks(source: string, from: number): number {
  const rest = source.slice(from, from + MAX_EXPRESSION_LENGTH);
  return from + (/^(?:\s|\/\*[^]*?\*\/)*/.exec(rest)?.[0].length ?? 0);
}

function unexpected(source: string, position: number, start: number): ExpressionFault {
  if (position >= source.length) {
    return new ExpressionFault("expression_syntax", "{{ is not closed.", {
      hint: "Close it with }}, or write \\{{ for the characters themselves.",
      span: { start, end: start + 2 },
    });
  }
  const word = /^[\w$]+/.exec(source.slice(position, position + 64))?.[0] ?? source[position]!;
  const hint =
    word === "}"
      ? "An expression ends with two braces: }}."
      : (wordOperatorHint(word) ?? "Join two values with an operator such as +, or close the expression with }} before it.");
  return new ExpressionFault("expression_syntax", `\`${word}\` can't stand here.`, {
    hint,
    span: { start: position, end: position + word.length },
  });
}
