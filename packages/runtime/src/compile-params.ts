import { compileValue, type CompiledValue } from "@heddle/expression";
import { isLiteralField, schemaAt } from "@heddle/graph/visit-templates";
import { fieldHint, type NodeDefinition } from "@heddle/node-kit";
import { HeddleError, isRecord, type AgentNode, type Json } from "@heddle/schema";
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

/** What expressions see: `input`, `variables`, `run`, nodes by id, and `args` in a tool. */
export type Scope = Record<string, unknown>;

/** Compiles the params of one node. Static ones are validated here, once. @throws HeddleError expression_failed, param_invalid */
export function compileParams(node: AgentNode, definition: NodeDefinition): CompiledParams {
  const fields = inField("params", () => compileFields(definition, [], node.params));
  const evaluate = (scope: Scope) => inField("params", () => fields.evaluate(scope) as Record<string, unknown>);
  if (fields.isLiteral) {
    const values = deepFreeze(validate(definition, evaluate({})));
    return { isStatic: true, references: [], resolve: () => values };
  }
  return { isStatic: false, references: fields.references, resolve: (scope) => validate(definition, evaluate(scope)) };
}

type CompiledPart = Pick<CompiledValue, "evaluate" | "isLiteral" | "references">;
type Path = readonly (string | number)[];

/** Fields that are literal stay as they are, also inside lists and objects that the definition describes. */
function compilePart(definition: NodeDefinition, path: Path, value: Json): CompiledPart {
  const schema = schemaAt(definition, path);
  if (schema !== undefined && isLiteralField(schema, String(path.at(-1))))
    return { isLiteral: true, references: [], evaluate: () => value };
  const isDescribed = (key: string | number) => schemaAt(definition, [...path, key]) !== undefined;
  if (Array.isArray(value) && isDescribed(0)) return compileList(definition, path, value);
  if (isRecord(value) && Object.keys(value).some(isDescribed)) return compileFields(definition, path, value as Record<string, Json>);
  return compileValue(value);
}

function compileList(definition: NodeDefinition, path: Path, list: Json[]): CompiledPart {
  const items = list.map((item, index) => ({ index, part: inField(index, () => compilePart(definition, [...path, index], item)) }));
  return {
    isLiteral: items.every(({ part }) => part.isLiteral),
    references: items.flatMap(({ part }) => part.references),
    evaluate: (scope) => items.map(({ index, part }) => inField(index, () => part.evaluate(scope) ?? null)),
  };
}

function compileFields(definition: NodeDefinition, path: Path, fields: Record<string, Json>): CompiledPart {
  const parts = Object.entries(fields)
    // As a key of a plain object it would change that object's prototype.
    .filter(([name]) => name !== "__proto__")
    .map(([name, value]) => ({ name, part: inField(name, () => compilePart(definition, [...path, name], value)) }));
  return {
    isLiteral: parts.every(({ part }) => part.isLiteral),
    references: parts.flatMap(({ part }) => part.references),
    evaluate: (scope) => {
      const values: Record<string, unknown> = {};
      for (const { name, part } of parts) {
        const value = inField(name, () => part.evaluate(scope));
        if (value !== undefined) values[name] = value;
      }
      return values;
    },
  };
}

function validate(definition: NodeDefinition, values: Record<string, unknown>): Record<string, unknown> {
  const parsed = definition.params.safeParse(values);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = (issue?.path ?? []).join(".");
  const top = String(issue?.path[0] ?? "");
  const schema = schemaAt(definition, [top]);
  const label = schema === undefined ? top : fieldHint(schema, top).label;
  throw new HeddleError("param_invalid", `"${label}" does not fit: ${issue?.message ?? "the value is not valid"}.`, {
    details: { field: `params.${field}` },
    hint: "Look at what the field's expressions gave in this run.",
  });
}

/** Does something for a field; an error says which one, by its path. */
function inField<T>(name: string | number, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof HeddleError)) throw error;
    const inside = error.details?.field;
    throw new HeddleError(error.code, error.message, {
      details: { ...error.details, field: typeof inside === "string" ? `${name}.${inside}` : String(name) },
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      retryable: error.retryable,
      cause: error.cause,
    });
  }
}
