import type { JsonSchema } from "@heddle/schema";

/** An object schema whose properties are all there unless named in `optional`. Unknown names are then found on the canvas. */
export function objectSchema(
  properties: Record<string, JsonSchema>,
  options: { optional?: string[]; description?: string } = {},
): JsonSchema {
  const required = Object.keys(properties).filter((name) => !options.optional?.includes(name));
  return { type: "object", ...(options.description ? { description: options.description } : {}), properties, required };
}

export const text: JsonSchema = { type: "string" };
export const number: JsonSchema = { type: "number" };
export const integer: JsonSchema = { type: "integer" };
export const boolean: JsonSchema = { type: "boolean" };
/** Anything at all. */
export const anything: JsonSchema = {};

export function listOf(items: JsonSchema): JsonSchema {
  return { type: "array", items };
}

/** Names with text values, such as headers. */
export const textByName: JsonSchema = { type: "object", additionalProperties: { type: "string" } };

/** One message of a conversation. */
export const messageSchema: JsonSchema = objectSchema({ role: { type: "string", enum: ["user", "assistant"] }, content: text });

/** Where a passage comes from, numbered as it is cited: [1], [2] … */
export const citationSchema: JsonSchema = objectSchema(
  { number: integer, documentId: text, documentName: text, section: text, quote: text, score: number },
  { optional: ["section"] },
);
