import { compileValue, type CompiledValue } from "@heddle/expression";
import { fieldHint, type NodeDefinition } from "@heddle/node-kit";
import { HeddleError, isRecord, type AgentNode, type Json } from "@heddle/schema";
import type { z } from "zod";
import { deepFreeze } from "./deep-freeze.ts";

/** A node's params, ready to be evaluated. */
export interface CompiledParams {
  /** True when no run can change them: then `resolve` costs nothing and its value is frozen and shared. */
  readonly isStatic: boolean;
  /** Evaluates and validates. @throws HeddleError expression_failed, param_invalid; `details.field` names the param */
  resolve(scope: Scope): Record<string, unknown>;
}

/** What expressions see: `input`, `variables`, `run`, nodes by id, and `args` in a tool. */
export type Scope = Record<string, unknown>;

/** Compiles the params of one node. Static ones are validated here, once. @throws HeddleError expression_failed, param_invalid */
export function compileParams(node: AgentNode, definition: NodeDefinition): CompiledParams {
  const fields = Object.entries(node.params)
    .filter(([name]) => name !== "__proto__")
    .map(([name, value]) => ({ name, value: compileField(definition, name, value) }));
  if (fields.every((field) => field.value.isLiteral)) {
    const values = deepFreeze(validate(definition, evaluate(fields, {})));
    return { isStatic: true, resolve: () => values };
  }
  return { isStatic: false, resolve: (scope) => validate(definition, evaluate(fields, scope)) };
}

interface CompiledField {
  name: string;
  value: Pick<CompiledValue, "evaluate" | "isLiteral">;
}

function compileField(definition: NodeDefinition, name: string, value: Json): CompiledField["value"] {
  const schema = definition.params.shape[name];
  return inField(name, () => compileNested(schema as z.ZodType | undefined, name, value));
}

/** Literal fields stay as they are, also inside lists and objects. */
function compileNested(schema: z.ZodType | undefined, name: string, value: Json): CompiledField["value"] {
  if (schema !== undefined && isLiteralField(schema, name)) return { isLiteral: true, evaluate: () => value };
  const bare = schema === undefined ? undefined : unwrap(schema);
  if (Array.isArray(value) && bare?.def.type === "array" && hasLiteralFields(bare)) {
    const items = value.map((item) => compileNested((bare as z.ZodArray<z.ZodType>).element, name, item));
    return { isLiteral: items.every((item) => item.isLiteral), evaluate: (scope) => items.map((item) => item.evaluate(scope)) };
  }
  if (isRecord(value) && bare?.def.type === "object" && hasLiteralFields(bare)) {
    const { shape } = bare as z.ZodObject;
    const fields = Object.entries(value).map(([key, item]) => ({
      name: key,
      value: compileNested(shape[key] as z.ZodType, key, item as Json),
    }));
    return {
      isLiteral: fields.every((field) => field.value.isLiteral),
      evaluate: (scope) => Object.fromEntries(fields.map((field) => [field.name, field.value.evaluate(scope)])),
    };
  }
  return compileValue(value);
}

function evaluate(fields: readonly CompiledField[], scope: Scope): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const { name, value } of fields) {
    try {
      values[name] = value.evaluate(scope);
    } catch (error) {
      throw placed(error, name);
    }
  }
  return values;
}

function validate(definition: NodeDefinition, values: Record<string, unknown>): Record<string, unknown> {
  const parsed = definition.params.safeParse(values);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = (issue?.path ?? []).join(".");
  const top = String(issue?.path[0] ?? "");
  const schema = definition.params.shape[top] as z.ZodType | undefined;
  const label = schema === undefined ? top : fieldHint(schema, top).label;
  throw new HeddleError("param_invalid", `"${label}" does not fit: ${issue?.message ?? "the value is not valid"}.`, {
    details: { field: `params.${field}` },
    hint: "Look at what the field's expressions gave in this run.",
  });
}

function inField<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw placed(error, name);
  }
}

/** The same error, saying which param it is about. */
function placed(error: unknown, name: string): unknown {
  if (!(error instanceof HeddleError)) return error;
  const inside = error.details?.field;
  return new HeddleError(error.code, error.message, {
    details: { ...error.details, field: typeof inside === "string" ? `params.${name}.${inside}` : `params.${name}` },
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    retryable: error.retryable,
    cause: error.cause,
  });
}

/** Whether the field's text is never evaluated: the hint may sit on the field or on what it wraps. */
function isLiteralField(schema: z.ZodType, name: string): boolean {
  for (let layer: z.ZodType | undefined = schema; layer !== undefined; layer = innerType(layer)) {
    if (fieldHint(layer, name).expressions === "literal") return true;
  }
  return false;
}

function hasLiteralFields(schema: z.ZodType): boolean {
  const bare = unwrap(schema);
  if (bare.def.type === "array") return hasLiteralFields((bare as z.ZodArray<z.ZodType>).element);
  if (bare.def.type !== "object") return false;
  return Object.entries((bare as z.ZodObject).shape).some(
    ([name, field]) => isLiteralField(field as z.ZodType, name) || hasLiteralFields(field as z.ZodType),
  );
}

function unwrap(schema: z.ZodType): z.ZodType {
  const inner = innerType(schema);
  return inner === undefined ? schema : unwrap(inner);
}

/** What an optional, default, preprocessed … schema wraps. */
function innerType(schema: z.ZodType): z.ZodType | undefined {
  const { innerType: inner, in: before, out: after } = schema.def as { innerType?: z.ZodType; in?: z.ZodType; out?: z.ZodType };
  return inner ?? (before?.def.type === "transform" ? after : before);
}
