import { HeddleError, isRecord, type JsonSchema } from "@heddle/schema";
import { compilePattern } from "./regular-expression.ts";

const MAX_SCHEMA_DEPTH = 64;
const SCHEMA_MAPS = ["properties", "$defs", "definitions", "dependentSchemas"];
const SCHEMA_LISTS = ["allOf", "anyOf", "oneOf", "prefixItems", "items"];
const SCHEMAS = [
  "items",
  "additionalProperties",
  "not",
  "if",
  "then",
  "else",
  "contains",
  "propertyNames",
  "unevaluatedItems",
  "unevaluatedProperties",
];

/** Tests a text; registered under a made-up format's name while a schema is checked. */
export type TextTest = (text: string) => boolean;

/**
 * Copies a schema for the validator, which writes into what it is given and runs patterns in JavaScript's engine.
 * Each `pattern` becomes a format of its own, tested by RE2, so that no schema can hang a run.
 * @throws HeddleError param_invalid for patterns that RE2 can't read, for patternProperties, and for schemas nested too deeply
 */
export function copySchema(schema: JsonSchema, formats: Map<string, TextTest>, depth = 0): JsonSchema {
  if (depth > MAX_SCHEMA_DEPTH) throw new HeddleError("param_invalid", "The schema is nested too deeply.");
  if (schema["patternProperties"] !== undefined) {
    throw new HeddleError("param_invalid", "The schema uses patternProperties, which is not supported.", {
      hint: "Use properties, or additionalProperties with a schema for all other names.",
    });
  }
  const copyOf = (inner: unknown): unknown => (isRecord(inner) ? copySchema(inner, formats, depth + 1) : inner);
  const copy: JsonSchema = { ...schema };
  for (const keyword of SCHEMAS) if (isRecord(schema[keyword])) copy[keyword] = copyOf(schema[keyword]);
  for (const keyword of SCHEMA_LISTS) {
    const list = schema[keyword];
    if (Array.isArray(list)) copy[keyword] = list.map(copyOf);
  }
  for (const keyword of SCHEMA_MAPS) {
    const map = schema[keyword];
    if (isRecord(map)) copy[keyword] = Object.fromEntries(Object.entries(map).map(([name, inner]) => [name, copyOf(inner)]));
  }
  // The validator's own test for `url` takes exponential time on some texts; `uri` does not.
  if (schema["format"] === "url") copy["format"] = "uri";
  if (typeof schema["pattern"] === "string") {
    const expression = compilePattern(schema["pattern"]);
    const name = `pattern ${formats.size}: ${schema["pattern"]}`;
    formats.set(name, (text) => expression.matcher(text).find());
    delete copy["pattern"];
    copy.allOf = [...(copy.allOf ?? []), { format: name }];
  }
  return copy;
}
