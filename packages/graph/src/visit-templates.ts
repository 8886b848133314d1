import { type FieldHint, fieldHint, type NodeDefinition } from "@heddle/node-kit";
import { isRecord, type Json } from "@heddle/schema";
import type { z } from "zod";

/** A param, or a part of one. */
export interface ParamPart {
  /** Path inside the params: `["branches", 0, "when"]`. */
  path: (string | number)[];
  value: Json;
  /** The schema that declares it, where one does. */
  schema: z.ZodType | undefined;
}

/** Calls `visit` for every string of a node's params in which `{{ }}` is evaluated. Literal fields are left out. */
export function visitTemplates(
  params: Record<string, Json>,
  definition: NodeDefinition | undefined,
  visit: (part: ParamPart & { value: string }) => void,
): void {
  const shape: Record<string, unknown> = definition?.params.shape ?? {};
  for (const [name, value] of Object.entries(params)) {
    walk({ path: [name], value, schema: Object.hasOwn(shape, name) ? (shape[name] as z.ZodType) : undefined }, visit);
  }
}

/** Depth of JSON that a document may hold; what lies deeper is left to the run, which refuses it. */
const MAX_DEPTH = 128;

function walk({ path, value, schema }: ParamPart, visit: (part: ParamPart & { value: string }) => void): void {
  if (path.length > MAX_DEPTH || (schema !== undefined && isLiteralField(schema, String(path.at(-1))))) return;
  if (typeof value === "string") {
    if (value.includes("{{")) visit({ path, value, schema });
    return;
  }
  const bare = schema === undefined ? undefined : unwrap(schema);
  if (Array.isArray(value)) {
    const element = bare?.def.type === "array" ? (bare as z.ZodArray<z.ZodType>).element : undefined;
    for (const [index, item] of value.entries()) walk({ path: [...path, index], value: item, schema: element }, visit);
  } else if (isRecord(value)) {
    const shape: Record<string, unknown> = bare?.def.type === "object" ? (bare as z.ZodObject).shape : {};
    for (const [name, item] of Object.entries(value)) {
      const field = Object.hasOwn(shape, name) ? (shape[name] as z.ZodType) : undefined;
      walk({ path: [...path, name], value: item as Json, schema: field }, visit);
    }
  }
}

/** The schema that declares a path of a definition's params, where there is one. */
export function schemaAt(definition: NodeDefinition, path: readonly (string | number)[]): z.ZodType | undefined {
  let schema: z.ZodType | undefined = definition.params;
  for (const key of path) {
    const bare: z.ZodType | undefined = schema === undefined ? undefined : unwrap(schema);
    if (bare?.def.type === "array") schema = (bare as z.ZodArray<z.ZodType>).element;
    else if (bare?.def.type === "object") {
      const { shape } = bare as z.ZodObject;
      schema = Object.hasOwn(shape, key) ? (shape[key as string] as z.ZodType) : undefined;
    } else return undefined;
  }
  return schema;
}

/** When a field's expressions are evaluated. The hint may sit on the field or on what it wraps. */
export function expressionsOf(schema: z.ZodType, name: string): NonNullable<FieldHint["expressions"]> {
  for (let layer: z.ZodType | undefined = schema; layer !== undefined; layer = innerType(layer)) {
    const { expressions } = fieldHint(layer, name);
    if (expressions !== undefined) return expressions;
  }
  return "template";
}

/** True for fields that the run takes as they are: no expression in them is its to evaluate. */
export function isLiteralField(schema: z.ZodType, name: string): boolean {
  return expressionsOf(schema, name) !== "template";
}

function unwrap(schema: z.ZodType): z.ZodType {
  const inner = innerType(schema);
  return inner === undefined ? schema : unwrap(inner);
}

/** What an optional, default, nullable … schema wraps; of a pipe (preprocess, transform), the part that declares a type. */
function innerType(schema: z.ZodType): z.ZodType | undefined {
  const { innerType: inner, in: first, out } = schema.def as { innerType?: z.ZodType; in?: z.ZodType; out?: z.ZodType };
  if (inner !== undefined) return inner;
  return first?.def.type === "transform" ? out : first;
}
