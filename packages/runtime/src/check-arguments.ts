import { isRecord, type Json, type JsonSchema, type JsonType } from "@heddle/schema";

/**
 * Looks over the arguments that a model made up: is it an object, is what must be there there, have the named properties
 * the right type and one of the listed values? Nested schemas are the tool's own concern.
 * Returns what is wrong, for the model to read.
 */
export function checkArguments(schema: JsonSchema, args: Json): string | undefined {
  if (!isRecord(args)) return "they must be an object";
  for (const name of schema.required ?? []) {
    if (!Object.hasOwn(args, name)) return `"${name}" is missing`;
  }
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (!Object.hasOwn(args, name)) continue;
    const value = args[name] as Json;
    const types = property.type === undefined ? [] : [property.type].flat();
    if (types.length > 0 && !types.some((type) => isOfType(value, type))) return `"${name}" must be of type ${types.join(" or ")}`;
    if (property.enum !== undefined && !property.enum.includes(value)) {
      return `"${name}" must be one of ${property.enum.map((item) => JSON.stringify(item)).join(", ")}`;
    }
  }
  if (schema.additionalProperties === false) {
    const unknown = Object.keys(args).find((name) => !Object.hasOwn(schema.properties ?? {}, name));
    if (unknown !== undefined) return `"${unknown}" is not known`;
  }
  return undefined;
}

function isOfType(value: Json, type: JsonType): boolean {
  switch (type) {
    case "null":
      return value === null;
    case "array":
      return Array.isArray(value);
    case "object":
      return isRecord(value);
    case "integer":
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}
