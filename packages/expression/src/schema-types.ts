import { isRecord, type Json, type JsonSchema, type JsonType } from "@heddle/schema";

/** The schema that accepts everything. */
const ANYTHING: JsonSchema = {};
/** A union of more members than this says no more than "anything". */
const MAX_VARIANTS = 16;

/**
 * The alternatives of a schema, each with at most one type: unions are spread out, type lists split, and what an enum or
 * a constant says about the type is made explicit. References (`$ref`) count as anything.
 */
export function variantsOf(schema: JsonSchema | boolean | undefined, depth = 0): JsonSchema[] {
  if (schema === undefined || typeof schema === "boolean" || depth > 8) return [ANYTHING];
  const union = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(union)) {
    const variants = union.flatMap((member) => variantsOf(member, depth + 1));
    return variants.length > MAX_VARIANTS ? [ANYTHING] : variants;
  }
  if (Array.isArray(schema.allOf)) return [mergeAll(schema)];
  if (Array.isArray(schema.type)) return schema.type.map((type) => ({ ...schema, type }));
  if (schema.type !== undefined) return [schema];
  if (schema.const !== undefined) return [{ ...schema, type: jsonTypeOf(schema.const) }];
  if (Array.isArray(schema.enum) && schema.enum.length > 0) {
    const types = new Set(schema.enum.map(jsonTypeOf));
    return [...types].map((type) => ({ ...schema, type, enum: schema.enum!.filter((value) => jsonTypeOf(value) === type) }));
  }
  if (isRecord(schema.properties)) return [{ ...schema, type: "object" }];
  return [schema];
}

/** The types that a value of the schema may have; undefined for any. */
export function typesOf(schema: JsonSchema): ReadonlySet<JsonType> | undefined {
  const types = new Set<JsonType>();
  for (const variant of variantsOf(schema)) {
    if (variant.type === undefined || Array.isArray(variant.type)) return undefined;
    types.add(variant.type);
  }
  return types;
}

/** True where every value of the schema is of one of these types. */
export function isOnly(schema: JsonSchema, ...types: JsonType[]): boolean {
  const known = typesOf(schema);
  return known !== undefined && known.size > 0 && [...known].every((type) => types.includes(type));
}

/** The alternatives without null. */
export function presentVariants(schema: JsonSchema): JsonSchema[] {
  return variantsOf(schema).filter((variant) => variant.type !== "null");
}

/** A schema that accepts what either accepts. */
export function unionOf(...schemas: JsonSchema[]): JsonSchema {
  const seen = new Map<string, JsonSchema>();
  for (const schema of schemas) {
    for (const variant of schema.anyOf ?? [schema]) {
      if (Object.keys(variant).length === 0) return ANYTHING;
      seen.set(JSON.stringify(variant), variant);
    }
  }
  const members = [...seen.values()];
  if (members.length > MAX_VARIANTS || members.length === 0) return ANYTHING;
  return members.length === 1 ? members[0]! : { anyOf: members };
}

/** The JSON Schema type of a value. */
export function jsonTypeOf(value: unknown): JsonType {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  if (typeof value === "string") return "string";
  return typeof value === "boolean" ? "boolean" : "object";
}

/** What is known about a field of a value. `absent` carries the names that do exist. */
export type FieldLookup = { status: "known"; schema: JsonSchema } | { status: "absent"; names: string[] };

/** Looks a field up in an object schema. Objects that declare no fields, or allow others, have every field. */
export function fieldOf(variant: JsonSchema, key: string): FieldLookup {
  const properties = isRecord(variant.properties) ? variant.properties : {};
  if (Object.hasOwn(properties, key)) return { status: "known", schema: asSchema(properties[key]) };
  const names = Object.keys(properties);
  const others = variant.additionalProperties;
  if (isRecord(others)) return { status: "known", schema: others };
  if (others === true || (others === undefined && names.length === 0) || isRecord(variant["patternProperties"])) {
    return { status: "known", schema: ANYTHING };
  }
  return { status: "absent", names };
}

/** All constants that a value may be; undefined where it may be others too. */
export function constantsOf(schema: JsonSchema): Json[] | undefined {
  const constants: Json[] = [];
  for (const variant of variantsOf(schema)) {
    if (variant.const !== undefined) constants.push(variant.const);
    else if (Array.isArray(variant.enum)) constants.push(...variant.enum);
    else if (variant.type === "null") constants.push(null);
    else return undefined;
  }
  return constants;
}

/** A type in a few words for people: `text`, `list of numbers`, `text or number`. */
export function describeSchema(schema: JsonSchema): string {
  const variants = variantsOf(schema);
  const names = new Set(variants.map((variant) => describeVariant(variant)));
  if (names.has("anything") || names.size > 4) return "anything";
  return [...names].join(" or ");
}

/** The same as it stands in a sentence: `a text`, `a list of numbers`. */
export function describeWithArticle(schema: JsonSchema): string {
  return describeSchema(schema)
    .replaceAll(/(^| or )(?=text|number|whole|list)/g, "$1a ")
    .replaceAll(/(^| or )(?=object)/g, "$1an ");
}

const TYPE_NAMES: Readonly<Record<JsonType, string>> = {
  string: "text",
  number: "number",
  integer: "whole number",
  boolean: "true or false",
  null: "no value",
  array: "list",
  object: "object",
};

function describeVariant(variant: JsonSchema): string {
  if (variant.type === undefined || Array.isArray(variant.type)) return "anything";
  if (variant.type !== "array" || !isRecord(variant.items)) return TYPE_NAMES[variant.type];
  const item = describeSchema(variant.items);
  return item === "anything" || item.includes(" or ")
    ? "list"
    : `list of ${item === "text" ? "texts" : item === "no value" ? item : `${item}s`}`;
}

function asSchema(value: unknown): JsonSchema {
  return isRecord(value) ? value : ANYTHING;
}

/** All members of `allOf` at once, as far as fields are concerned. */
function mergeAll(schema: JsonSchema): JsonSchema {
  const { allOf = [], ...own } = schema;
  let merged: JsonSchema = own;
  for (const member of allOf) {
    const properties = { ...merged.properties, ...member.properties };
    const required = [...(merged.required ?? []), ...(member.required ?? [])];
    merged = { ...merged, ...member, ...(Object.keys(properties).length > 0 ? { properties, required } : {}) };
  }
  return merged.anyOf === undefined && merged.oneOf === undefined && merged.allOf === undefined ? merged : ANYTHING;
}
