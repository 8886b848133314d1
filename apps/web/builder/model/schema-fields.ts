import { isRecord, type Json, type JsonSchema } from "@heddle/schema";

export type SchemaFieldType = "string" | "number" | "integer" | "boolean" | "array" | "object";

/** One property of a plain object schema, as a row of a table. */
export interface SchemaField {
  name: string;
  type: SchemaFieldType;
  isRequired: boolean;
  description: string;
  /** The property's schema, with all that the table does not show. */
  schema: JsonSchema;
}

const TYPES: readonly string[] = ["string", "number", "integer", "boolean", "array", "object"];

/** The rows of a schema; undefined where it is more than a plain object and must be edited as JSON. */
export function fieldsOfSchema(value: Json | undefined): SchemaField[] | undefined {
  if (value === undefined || value === null) return [];
  if (!isRecord(value)) return undefined;
  const schema = value as JsonSchema;
  const isPlain =
    (schema.type === "object" || (schema.type === undefined && schema.properties !== undefined)) &&
    !["anyOf", "oneOf", "allOf", "$ref"].some((keyword) => keyword in schema);
  if (!isPlain && Object.keys(schema).length > 0) return undefined;
  const rows: SchemaField[] = [];
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (!isRecord(property) || typeof property.type !== "string" || !TYPES.includes(property.type)) return undefined;
    rows.push({
      name,
      type: property.type as SchemaFieldType,
      isRequired: schema.required?.includes(name) ?? false,
      description: typeof property.description === "string" ? property.description : "",
      schema: property as JsonSchema,
    });
  }
  return rows;
}

/** The schema of rows, keeping what `before` says beyond them. A changed type drops what belonged to the old one. */
export function schemaOfFields(fields: readonly SchemaField[], before: JsonSchema): JsonSchema {
  const properties = Object.fromEntries(
    fields.map((field) => {
      const { description: _old, ...kept } = field.schema.type === field.type ? field.schema : {};
      return [field.name, { ...kept, type: field.type, ...(field.description === "" ? {} : { description: field.description }) }];
    }),
  );
  return { ...before, type: "object", properties, required: fields.filter((field) => field.isRequired).map((field) => field.name) };
}
