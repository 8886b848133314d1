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

type Mode = NonNullable<FieldHint["expressions"]>;

/** Calls `visit` for every string of a node's params in which `{{ }}` is evaluated at a time: before the node runs, if none is named. */
export function visitTemplates(
  params: Record<string, Json>,
  definition: NodeDefinition | undefined,
  visit: (part: ParamPart & { value: string }) => void,
  wanted: Mode = "template",
): void {
  visitParts(params, definition, (part, mode) => {
    if (mode === wanted && typeof part.value === "string" && part.value.includes("{{")) visit({ ...part, value: part.value });
  });
}

/** The filled-in fields of a node's params that are edited by a control, wherever they lie. */
export function fieldsWithControl(
  params: Record<string, Json>,
  definition: NodeDefinition | undefined,
  control: FieldHint["control"],
): (ParamPart & { value: string })[] {
  const found: (ParamPart & { value: string })[] = [];
  visitParts(params, definition, ({ path, value, schema }) => {
    if (typeof value !== "string" || value === "" || schema === undefined) return;
    if (layersOf(schema).some((layer) => fieldHint(layer, "").control === control)) found.push({ path, value, schema });
  });
  return found;
}

/** Depth of JSON that a document may hold; what lies deeper is left to the run, which refuses it. */
const MAX_DEPTH = 128;

/** Calls `visit` for every text inside the params, with when its expressions are evaluated: as it or what it lies in says. */
function visitParts(
  params: Record<string, Json>,
  definition: NodeDefinition | undefined,
  visit: (part: ParamPart, mode: Mode) => void,
): void {
  const walk = ({ path, value, schema }: ParamPart, around: Mode): void => {
    if (path.length > MAX_DEPTH) return;
    const mode = around === "template" && schema !== undefined ? expressionsOf(schema, String(path.at(-1))) : around;
    if (typeof value === "string") {
      visit({ path, value, schema }, mode);
      return;
    }
    const bare = schema === undefined ? undefined : unwrap(schema);
    if (Array.isArray(value)) {
      const element = bare?.def.type === "array" ? (bare as z.ZodArray<z.ZodType>).element : undefined;
      for (const [index, item] of value.entries()) walk({ path: [...path, index], value: item, schema: element }, mode);
    } else if (isRecord(value)) {
      const shape: Record<string, unknown> = bare?.def.type === "object" ? (bare as z.ZodObject).shape : {};
      for (const [name, item] of Object.entries(value))
        walk({ path: [...path, name], value: item as Json, schema: own(shape, name) }, mode);
    }
  };
  const shape: Record<string, unknown> = definition?.params.shape ?? {};
  for (const [name, value] of Object.entries(params)) walk({ path: [name], value, schema: own(shape, name) }, "template");
}

function own(shape: Record<string, unknown>, name: string): z.ZodType | undefined {
  return Object.hasOwn(shape, name) ? (shape[name] as z.ZodType) : undefined;
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
export function expressionsOf(schema: z.ZodType, name: string): Mode {
  for (const layer of layersOf(schema)) {
    const { expressions } = fieldHint(layer, name);
    if (expressions !== undefined) return expressions;
  }
  return "template";
}

/** True for fields that the run takes as they are: no expression in them is its to evaluate. */
export function isLiteralField(schema: z.ZodType, name: string): boolean {
  return expressionsOf(schema, name) !== "template";
}

/** True for fields that take any value as it is: nothing about them can be wrong. */
export function takesAnything(schema: z.ZodType): boolean {
  return layersOf(schema).every(({ def }) => ANYTHING.has(def.type) && (def.checks ?? []).length === 0);
}

const ANYTHING: ReadonlySet<string> = new Set(["unknown", "any", "optional"]);

/** A schema and all that it wraps. */
function layersOf(schema: z.ZodType): z.ZodType[] {
  const layers: z.ZodType[] = [];
  for (let layer: z.ZodType | undefined = schema; layer !== undefined; layer = innerType(layer)) layers.push(layer);
  return layers;
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
