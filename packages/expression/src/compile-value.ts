import { HeddleError, setOwn, type Json } from "@heddle/schema";
import { compileTemplate } from "./compile-template.ts";
import type { WorkBudget } from "./limits.ts";

/** A JSON value with templates anywhere in it. */
export interface CompiledValue {
  /**
   * The value in a scope. Parts without templates are shared between evaluations: treat the result as read-only.
   * A field whose template gives no value is left out; an element becomes null.
   * All its templates share one budget, so that many can't do more than one may.
   * @throws HeddleError expression_failed with `details.field`, the path of the template
   */
  evaluate(scope: Record<string, unknown>, budget?: WorkBudget): unknown;
  readonly references: string[];
  readonly isLiteral: boolean;
}

/** Compiles every string of a JSON value as a template. Names of fields are taken as they are. @throws HeddleError expression_failed */
export function compileValue(value: Json): CompiledValue {
  return compileAt(value, "");
}

function compileAt(value: Json, path: string): CompiledValue {
  if (typeof value === "string") return compileText(value, path);
  if (Array.isArray(value)) return compileList(value, path);
  if (typeof value === "object" && value !== null) return compileFields(value, path);
  return constant(value);
}

function constant(value: unknown): CompiledValue {
  return { evaluate: () => value, references: [], isLiteral: true };
}

function compileText(text: string, path: string): CompiledValue {
  const template = at(path, () => compileTemplate(text));
  if (path === "" || template.isLiteral) return template;
  return {
    references: template.references,
    isLiteral: false,
    evaluate: (scope, budget) => at(path, () => template.evaluate(scope, budget)),
  };
}

function compileList(list: Json[], path: string): CompiledValue {
  const parts = list.map((item, index) => compileAt(item, join(path, index)));
  if (parts.every((part) => part.isLiteral)) return constant(parts.map((part) => part.evaluate({})));
  return {
    evaluate: (scope, budget = { work: 0 }) => parts.map((part) => part.evaluate(scope, budget) ?? null),
    references: allReferences(parts),
    isLiteral: false,
  };
}

function compileFields(fields: Record<string, Json>, path: string): CompiledValue {
  const parts = Object.entries(fields).map(([name, item]) => ({ name, part: compileAt(item, join(path, name)) }));
  const evaluate = (scope: Record<string, unknown>, budget: WorkBudget = { work: 0 }): Record<string, unknown> => {
    const result: Record<string, unknown> = {};
    for (const { name, part } of parts) {
      const value = part.evaluate(scope, budget);
      if (value !== undefined) setOwn(result, name, value);
    }
    return result;
  };
  if (parts.every(({ part }) => part.isLiteral)) return constant(evaluate({}));
  return { evaluate, references: allReferences(parts.map(({ part }) => part)), isLiteral: false };
}

function join(path: string, key: string | number): string {
  return path === "" ? String(key) : `${path}.${key}`;
}

function allReferences(parts: CompiledValue[]): string[] {
  return [...new Set(parts.flatMap((part) => part.references))];
}

/** Adds the place of a template to its error. */
function at<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof HeddleError) || path === "") throw error;
    throw new HeddleError(error.code, `${path}: ${error.message}`, {
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      details: { ...error.details, field: path },
      cause: error,
    });
  }
}
