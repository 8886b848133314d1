import { type Evaluate, newCompilation } from "./compilation.ts";
import { compileExpression } from "./compile-expression.ts";
import { toHeddleError } from "./fault.ts";
import { chargeText, type Evaluation, refuseLongText, type WorkBudget } from "./limits.ts";
import { type ExpressionSegment, type Segment, soleExpression, splitTemplate } from "./template-segments.ts";
import { measure, toText } from "./values.ts";

/** A template that was parsed once and can be evaluated often. */
export interface CompiledTemplate {
  /**
   * The value in a scope. A template that is one expression, blanks around it aside, keeps the expression's type;
   * anything else is text. Data is never evaluated again: braces inside a value stay characters.
   * Evaluations that are given the same budget share it.
   * @throws HeddleError expression_failed
   */
  evaluate(scope: Record<string, unknown>, budget?: WorkBudget): unknown;
  /** Names that are read from the scope, each once. */
  readonly references: string[];
  /** True where no expression is in it, so that every evaluation gives the same text. */
  readonly isLiteral: boolean;
}

/** Parses a template. @throws HeddleError expression_failed with what is wrong, where, and how to mend it */
export function compileTemplate(source: string): CompiledTemplate {
  if (!source.includes("{{")) return literal(source);
  try {
    const segments = splitTemplate(source);
    const broken = segments.find((segment) => segment.kind === "broken");
    if (broken !== undefined) throw broken.fault;
    if (segments.every((segment) => segment.kind === "text")) return literal(segments.map((segment) => segment.text).join(""));
    const sole = soleExpression(segments);
    if (sole !== undefined) return wholeValue(source, sole);
    return mixedText(source, segments);
  } catch (error) {
    throw toHeddleError(error, source);
  }
}

function literal(text: string): CompiledTemplate {
  return { evaluate: () => text, references: [], isLiteral: true };
}

function wholeValue(source: string, segment: ExpressionSegment): CompiledTemplate {
  const { evaluate, references, slots, makesValues } = compileSegment(segment);
  return {
    evaluate(scope, budget = { work: 0 }) {
      const evaluation: Evaluation = { scope, locals: newLocals(slots), budget };
      try {
        const value = evaluate(evaluation);
        if (makesValues && typeof value === "object" && value !== null) measure(evaluation, value);
        return value;
      } catch (error) {
        throw toHeddleError(error, source);
      }
    },
    references,
    isLiteral: false,
  };
}

function mixedText(source: string, segments: Segment[]): CompiledTemplate {
  const references = new Set<string>();
  const parts = segments.map((segment) => {
    if (segment.kind === "text") return { text: segment.text };
    if (segment.kind === "broken") throw segment.fault;
    const compiled = compileSegment(segment);
    for (const name of compiled.references) references.add(name);
    return compiled;
  });
  return {
    evaluate(scope, budget = { work: 0 }) {
      try {
        let text = "";
        for (const part of parts) {
          if ("text" in part) text += part.text;
          else {
            const evaluation: Evaluation = { scope, locals: newLocals(part.slots), budget };
            const piece = toText(evaluation, part.evaluate(evaluation));
            chargeText(evaluation, piece.length);
            text += piece;
            refuseLongText(text.length);
          }
        }
        return text;
      } catch (error) {
        throw toHeddleError(error, source);
      }
    },
    references: [...references],
    isLiteral: false,
  };
}

interface CompiledSegment {
  evaluate: Evaluate;
  references: string[];
  slots: number;
  makesValues: boolean;
}

function compileSegment(segment: ExpressionSegment): CompiledSegment {
  const compilation = newCompilation();
  const evaluate = compileExpression(segment.ast, compilation);
  const { references, shared } = compilation;
  return { evaluate, references: [...references], slots: shared.slots, makesValues: shared.makesValues };
}

const NO_LOCALS: unknown[] = [];

function newLocals(slots: number): unknown[] {
  return slots === 0 ? NO_LOCALS : Array.from({ length: slots });
}
