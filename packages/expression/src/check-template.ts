import type { JsonSchema } from "@heddle/schema";
import { TEXT } from "./builtin.ts";
import { inferType } from "./check-expression.ts";
import type { ExpressionProblem, Locals } from "./checker.ts";
import { newCompilation } from "./compilation.ts";
import { compileExpression } from "./compile-expression.ts";
import { ExpressionFault } from "./fault.ts";
import { referencesIn, type TemplateReference } from "./references.ts";
import { soleExpression, splitTemplate } from "./template-segments.ts";

/** What a check found. */
export interface TemplateCheck {
  /** In the order of the source. */
  problems: ExpressionProblem[];
  /** Type of the template's value. */
  type: JsonSchema;
  /** Names that it reads from the scope. */
  references: TemplateReference[];
}

/**
 * Checks a template against the schema of its scope (an object schema whose properties are the names that exist) without
 * evaluating it. Never throws. What the schema leaves open is never complained about. `locals` are names that hold in this
 * place only, such as a loop's `item`: they go before those of the scope, which many places can then share.
 */
export function checkTemplate(source: string, scope: JsonSchema, locals: Locals = NO_LOCALS): TemplateCheck {
  if (!source.includes("{{")) return { problems: [], type: TEXT, references: [] };
  const segments = splitTemplate(source);
  const problems: ExpressionProblem[] = [];
  const sole = soleExpression(segments);
  const references: TemplateReference[] = [];
  let type = TEXT;
  for (const segment of segments) {
    if (segment.kind === "text") continue;
    const found: ExpressionProblem[] = [];
    if (segment.kind === "broken") found.push(fromFault(segment.fault, segment));
    else {
      const fault = compilationFault(() => compileExpression(segment.ast, newCompilation()));
      // Too deep a nesting is refused by compilation; walking it again could end the stack.
      if (fault?.code !== "expression_limit") {
        references.push(...referencesIn([segment]));
        const inferred = inferType({ source, scope, problems: found }, segment.ast, locals);
        if (segment === sole) type = inferred;
      }
      if (fault !== undefined && !found.some((problem) => problem.start === fault.span?.start)) found.push(fromFault(fault, segment));
    }
    problems.push(...found.toSorted((left, right) => left.start - right.start));
  }
  return { problems, type, references };
}

const NO_LOCALS: Locals = new Map();

function compilationFault(compile: () => unknown): ExpressionFault | undefined {
  try {
    compile();
    return undefined;
  } catch (error) {
    if (error instanceof ExpressionFault) return error;
    if (error instanceof RangeError) return new ExpressionFault("expression_limit", "the expression is nested too deeply.");
    throw error;
  }
}

function fromFault(fault: ExpressionFault, place: { start: number; end: number }): ExpressionProblem {
  const { start, end } = fault.span ?? place;
  const sentence = fault.message.charAt(0).toUpperCase() + fault.message.slice(1);
  return { code: fault.code, message: fault.hint === undefined ? sentence : `${sentence} ${fault.hint}`, start, end };
}
