import { isRecord, type JsonSchema } from "@heddle/schema";

/** Types that are made of one another could grow without end along a long flow; beyond this, people read no field. */
const MAX_DEPTH = 8;
const MAX_SCHEMAS = 200;

/** A copy of a schema that has an end: what lies deeper, or is too much, may be anything. */
export function boundedSchema(schema: JsonSchema): JsonSchema {
  let left = MAX_SCHEMAS;
  const copy = (part: JsonSchema, depth: number): JsonSchema => {
    left -= 1;
    if (left < 0 || depth > MAX_DEPTH) return {};
    const result: JsonSchema = { ...part };
    if (isRecord(part.properties)) {
      const names = Object.keys(part.properties);
      // With half of its names, an object would be refused the others.
      if (names.length > left) return {};
      result.properties = Object.fromEntries(
        names.map((name) => [name, copy((part.properties as Record<string, JsonSchema>)[name]!, depth + 1)]),
      );
    }
    if (isRecord(part.items)) result.items = copy(part.items, depth + 1);
    if (isRecord(part.additionalProperties)) result.additionalProperties = copy(part.additionalProperties, depth + 1);
    for (const keyword of ["anyOf", "oneOf", "allOf"] as const) {
      const members = part[keyword];
      if (Array.isArray(members)) result[keyword] = members.map((member) => copy(member, depth + 1));
    }
    return result;
  };
  return copy(schema, 0);
}
