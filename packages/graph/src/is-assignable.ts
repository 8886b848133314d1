import { fieldOf, variantsOf } from "@heddle/expression";
import { isRecord, type Json, type JsonSchema } from "@heddle/schema";

/**
 * Whether a value of one schema may go where another is wanted. What a schema leaves open is trusted: an unknown type, a
 * field that is not declared. What it does say must fit: every alternative of `from` needs one of `to` that takes it.
 * Ranges, lengths, patterns and formats are left to the run.
 */
export function isAssignable(from: JsonSchema, to: JsonSchema): boolean {
  const targets = variantsOf(to);
  return variantsOf(from).every((variant) => targets.some((target) => variantFits(variant, target, 0)));
}

/** Whether any value at all could fit: the weaker question that is asked of optional values and expressions. */
export function mayFit(from: JsonSchema, to: JsonSchema): boolean {
  const targets = variantsOf(to);
  return variantsOf(from).some((variant) => targets.some((target) => variantFits(loosely(variant), loosely(target), 0)));
}

/** Without constants, and with any number where a whole one is wanted: sums of whole numbers are whole. */
function loosely(schema: JsonSchema): JsonSchema {
  const { const: _constant, enum: _enum, ...rest } = schema;
  return rest.type === "integer" ? { ...rest, type: "number" } : rest;
}

const MAX_DEPTH = 16;

function variantFits(from: JsonSchema, to: JsonSchema, depth: number): boolean {
  if (to.type === undefined || from.type === undefined || depth > MAX_DEPTH) return true;
  if (from.type !== to.type && !(from.type === "integer" && to.type === "number")) return false;
  if (!constantsFit(from, to)) return false;
  if (from.type === "array") return fits(itemsOf(from), itemsOf(to), depth);
  return from.type !== "object" || objectFits(from, to, depth);
}

function fits(from: JsonSchema, to: JsonSchema, depth: number): boolean {
  const targets = variantsOf(to);
  return variantsOf(from).every((variant) => targets.some((target) => variantFits(variant, target, depth + 1)));
}

function constantsFit(from: JsonSchema, to: JsonSchema): boolean {
  const allowed = constantsOf(to);
  if (allowed === undefined) return true;
  const given = constantsOf(from);
  if (given === undefined) return false;
  const keys = new Set(allowed.map((value) => JSON.stringify(value)));
  return given.every((value) => keys.has(JSON.stringify(value)));
}

function constantsOf(schema: JsonSchema): Json[] | undefined {
  if (schema.const !== undefined) return [schema.const];
  return Array.isArray(schema.enum) ? schema.enum : undefined;
}

function itemsOf(schema: JsonSchema): JsonSchema {
  return isRecord(schema.items) ? schema.items : {};
}

function objectFits(from: JsonSchema, to: JsonSchema, depth: number): boolean {
  const wanted: Record<string, JsonSchema> = isRecord(to.properties) ? to.properties : {};
  const required = Array.isArray(to.required) ? to.required : [];
  for (const name of new Set([...required, ...Object.keys(wanted)])) {
    const found = fieldOf(from, name);
    if (found.status === "absent") {
      if (required.includes(name)) return false;
      continue;
    }
    const target = Object.hasOwn(wanted, name) ? wanted[name] : undefined;
    if (isRecord(target) && !fits(found.schema, target, depth)) return false;
  }
  if (to.additionalProperties !== false && !isRecord(to.additionalProperties)) return true;
  const others = isRecord(from.properties) ? Object.keys(from.properties).filter((name) => !Object.hasOwn(wanted, name)) : [];
  if (to.additionalProperties === false) return others.length === 0;
  const target = to.additionalProperties as JsonSchema;
  return others.every((name) => fits((from.properties as Record<string, JsonSchema>)[name] ?? {}, target, depth));
}
