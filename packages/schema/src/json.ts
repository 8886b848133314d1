import { z } from "zod";

/** Any value that survives a round trip through JSON. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** zod counterpart of {@link Json}. */
export const json: z.ZodType<Json> = z.json() as z.ZodType<Json>;

/**
 * A JSON Schema (draft 2020-12) as it travels in documents and port types.
 * `{}` accepts everything. Only the keywords that Heddle reads are named.
 */
export interface JsonSchema {
  type?: JsonType | JsonType[];
  title?: string;
  description?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
  items?: JsonSchema | boolean;
  enum?: Json[];
  const?: Json;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
  [keyword: string]: unknown;
}

export type JsonType = "null" | "boolean" | "integer" | "number" | "string" | "array" | "object";

/** zod counterpart of {@link JsonSchema}: an object; its keywords are checked where it is used. */
export const jsonSchema: z.ZodType<JsonSchema> = z.record(z.string(), z.unknown()) as z.ZodType<JsonSchema>;

/** True for plain objects: not null, not an array. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Sets an own field, also one called `__proto__`, which plain assignment would take for the prototype. */
export function setOwn(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === "__proto__") Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  else target[key] = value;
}
