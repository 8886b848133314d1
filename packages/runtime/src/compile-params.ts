import { compileValue } from "@heddle/expression";
import { isLiteralField, schemaAt, takesAnything } from "@heddle/graph/visit-templates";
import type { NodeDefinition } from "@heddle/node-kit";
import { HeddleError, isRecord, type AgentNode, type Json } from "@heddle/schema";
import { checkFields, checkParams } from "./check-params.ts";
import { Blank, type CompiledPart, type NamedPart, type Scope } from "./compiled-part.ts";
import { deepFreeze } from "./deep-freeze.ts";

/** A node's params, ready to be evaluated. */
export interface CompiledParams {
  /** True when no run can change them: then `resolve` costs nothing and its value is frozen and shared. */
  readonly isStatic: boolean;
  /** Names that its expressions read. */
  readonly references: readonly string[];
  /** Evaluates and validates. @throws HeddleError expression_failed, param_invalid; `details.field` names the param */
  resolve(scope: Scope): Record<string, unknown>;
}

/** Compiles the params of one node. Static ones are validated here, once. @throws HeddleError expression_failed, param_invalid */
export function compileParams(node: AgentNode, definition: NodeDefinition): CompiledParams {
  const parts = compileParts(definition, [], node.params);
  const fields = asFields(parts);
  if (fields.isLiteral) {
    const values = deepFreeze(checkParams(definition, fields.evaluate({}) as Record<string, unknown>));
    return { isStatic: true, references: [], resolve: () => values };
  }
  const checkEach = checkFields(definition, parts);
  const resolve = checkEach ?? ((scope) => checkParams(definition, fields.evaluate(scope) as Record<string, unknown>));
  return { isStatic: false, references: fields.references, resolve };
}

type Path = readonly (string | number)[];

/** Fields that are literal stay as they are, also inside lists and objects that the definition describes. */
function compilePart(definition: NodeDefinition, path: Path, value: Json): CompiledPart {
  const schema = schemaAt(definition, path);
  if (schema !== undefined && isLiteralField(schema, String(path.at(-1)))) return literal(value);
  const isDescribed = (key: string | number) => schemaAt(definition, [...path, key]) !== undefined;
  if (Array.isArray(value) && isDescribed(0)) return asList(value.map((item, index) => compilePart(definition, [...path, index], item)));
  if (isRecord(value) && Object.keys(value).some(isDescribed))
    return asFields(compileParts(definition, path, value as Record<string, Json>));
  return compileLeaf(path, value, schema !== undefined && takesAnything(schema));
}

function literal(value: unknown): CompiledPart {
  return { isLiteral: true, references: [], evaluate: () => value, sketch: value };
}

function compileLeaf(path: Path, value: Json, isOpen: boolean): CompiledPart {
  const field = ["params", ...path].join(".");
  const compiled = inField(field, () => compileValue(value));
  if (compiled.isLiteral) return literal(compiled.evaluate({}));
  const evaluate = (scope: Scope): unknown => {
    try {
      return compiled.evaluate(scope);
    } catch (error) {
      throw placed(field, error);
    }
  };
  return { isLiteral: false, references: compiled.references, evaluate, sketch: isOpen ? new Blank(evaluate) : undefined };
}

function compileParts(definition: NodeDefinition, path: Path, fields: Record<string, Json>): NamedPart[] {
  return (
    Object.entries(fields)
      // As a key of a plain object it would change that object's prototype.
      .filter(([name]) => name !== "__proto__")
      .map(([name, value]) => ({ name, part: compilePart(definition, [...path, name], value) }))
  );
}

function asList(items: readonly CompiledPart[]): CompiledPart {
  return {
    isLiteral: items.every((part) => part.isLiteral),
    references: items.flatMap((part) => part.references),
    evaluate: (scope) => items.map((part) => part.evaluate(scope) ?? null),
    sketch: items.every((part) => part.sketch !== undefined) ? items.map((part) => part.sketch) : undefined,
  };
}

function asFields(parts: readonly NamedPart[]): CompiledPart {
  return {
    isLiteral: parts.every(({ part }) => part.isLiteral),
    references: parts.flatMap(({ part }) => part.references),
    evaluate: (scope) => {
      const values: Record<string, unknown> = {};
      for (const { name, part } of parts) {
        const value = part.evaluate(scope);
        if (value !== undefined) values[name] = value;
      }
      return values;
    },
    sketch: parts.every(({ part }) => part.sketch !== undefined)
      ? Object.fromEntries(parts.map(({ name, part }) => [name, part.sketch]))
      : undefined,
  };
}

/** Does something for a field; an error says which one, by its path. */
function inField<T>(field: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw placed(field, error);
  }
}

function placed(field: string, error: unknown): unknown {
  if (!(error instanceof HeddleError)) return error;
  const inside = error.details?.field;
  return new HeddleError(error.code, error.message, {
    details: { ...error.details, field: typeof inside === "string" ? `${field}.${inside}` : field },
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    retryable: error.retryable,
    cause: error.cause,
  });
}
