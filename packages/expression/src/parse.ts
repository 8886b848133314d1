import { type Expression, type Node, Parser, tokTypes } from "acorn";
import { ExpressionFault, type Span } from "./fault.ts";
import { MAX_EXPRESSION_LENGTH } from "./limits.ts";
import { wordOperatorHint } from "./word-operators.ts";

/** The part of acorn's parser that its types leave out and that an extension works with. */
interface ParserInternals {
  readonly type: unknown;
  startNode(): { name?: string };
  next(): void;
  finishNode(node: { name?: string }, type: string): Expression;
}

/** `default` is a keyword of JavaScript, but no expression can start with one: here it is the name of a function. */
const ExpressionParser = Parser.extend((base) => {
  const Base = base as unknown as new (...args: unknown[]) => ParserInternals & { parseExprAtom(...args: unknown[]): Expression };
  return class extends Base {
    override parseExprAtom(...args: unknown[]): Expression {
      if (this.type !== tokTypes._default) return super.parseExprAtom(...args);
      const node = this.startNode();
      this.next();
      node.name = "default";
      return this.finishNode(node, "Identifier");
    }
  } as unknown as typeof Parser;
});

/**
 * Parses one expression that starts at an offset of a template and goes as far as the grammar allows, so that quotes and
 * braces inside it need no escaping. Offsets of the nodes count from the start of the template.
 * @throws ExpressionFault with a span in the template
 */
export function parseExpressionFrom(source: string, start: number): Expression {
  const text = source.slice(start, start + MAX_EXPRESSION_LENGTH + 2);
  try {
    const expression = ExpressionParser.parseExpressionAt(text, 0, { ecmaVersion: 2022, sourceType: "module", preserveParens: true });
    moveNodes(expression, start);
    return expression;
  } catch (error) {
    throw syntaxFault(error, text, start);
  }
}

/** Adds an offset to every node. It keeps its own stack, so that no nesting is too deep for it. */
function moveNodes(root: Node, by: number): void {
  const pending: unknown[] = [root];
  while (pending.length > 0) {
    const value = pending.pop();
    if (Array.isArray(value)) pending.push(...value);
    else if (typeof value === "object" && value !== null && "type" in value) {
      const node = value as Node;
      node.start += by;
      node.end += by;
      pending.push(...Object.values(node));
    }
  }
}

function syntaxFault(error: unknown, text: string, start: number): ExpressionFault {
  const position = error instanceof SyntaxError && "pos" in error && typeof error.pos === "number" ? error.pos : undefined;
  // acorn reports the end of the stack as an error of syntax.
  if (position === undefined || (error as SyntaxError).message.startsWith("Not enough stack")) {
    return new ExpressionFault("expression_limit", "the expression is nested too deeply.", { span: { start, end: start + 1 } });
  }
  const span: Span = { start: start + position, end: Math.min(start + position + 1, start + text.length) };
  const rest = text.slice(position);
  const [message, hint] = explain(rest, text.slice(0, position), (error as SyntaxError).message);
  return new ExpressionFault("expression_syntax", message, { hint, span });
}

/** acorn's messages are written for programmers; these are the slips that people make. */
function explain(rest: string, before: string, parserMessage: string): [message: string, hint: string | undefined] {
  if (/^[“”„‘’«»]/.test(rest)) return [`curly quotes can't be read.`, `Use straight quotes: "text".`];
  const word = /^[A-Za-z_]+/.exec(rest)?.[0];
  const advice = word === undefined ? undefined : wordOperatorHint(word);
  if (advice !== undefined) return [`\`${word}\` can't stand here.`, advice];
  if (parserMessage.startsWith("Unterminated string")) return ["a text in quotes is not closed.", "Add the closing quote."];
  if (parserMessage.startsWith("Unterminated template")) return ["a text in back quotes is not closed.", "Add the closing back quote."];
  if (rest === "") return ["the expression is not finished.", "Close it with }}, or write \\{{ for the characters themselves."];
  if (rest.startsWith("}")) {
    if (before.trim() === "") return ["there is nothing between {{ and }}.", "Write what to insert, for example {{ input.message }}."];
    return ["the expression ends too early.", "Something is missing before }}."];
  }
  return [`${word === undefined ? `"${[...rest][0]}"` : `\`${word}\``} can't stand here.`, undefined];
}
