import type { JsonSchema } from "@heddle/schema";

/** The parts of an OpenAPI 3.1 document that the reference page shows. */
export interface OpenApiDocument {
  info: { title: string; version: string; description?: string };
  servers: { url: string }[];
  paths: Record<string, Record<string, OpenApiOperation>>;
}
export interface OpenApiOperation {
  operationId: string;
  tags?: string[];
  summary: string;
  description?: string;
  parameters?: { name: string; in: "path" | "query"; required: boolean; schema: JsonSchema }[];
  requestBody?: { content: Record<string, { schema: JsonSchema }> };
  responses: Record<string, { description?: string; content?: Record<string, { schema: JsonSchema }> }>;
  security?: Record<string, string[]>[];
  "x-scopes"?: string[];
}

export interface Operation extends OpenApiOperation {
  method: string;
  path: string;
}
export interface OperationGroup {
  tag: string;
  operations: Operation[];
}

/** Operations by their first tag, in the document's order. */
export function groupOperations(document: OpenApiDocument): OperationGroup[] {
  const groups = new Map<string, Operation[]>();
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const tag = operation.tags?.[0] ?? "other";
      groups.set(tag, [...(groups.get(tag) ?? []), { ...operation, method: method.toUpperCase(), path }]);
    }
  }
  return [...groups].map(([tag, operations]) => ({ tag, operations }));
}

/** The success answer of an operation: its status and the schema of its JSON. */
export function successOf(operation: OpenApiOperation): { status: string; schema?: JsonSchema } {
  const [status, response] = Object.entries(operation.responses).find(([code]) => code.startsWith("2")) ?? ["200", {}];
  const schema = response.content?.["application/json"]?.schema;
  return { status, ...(schema === undefined ? {} : { schema }) };
}

/** A curl command for an operation, with `$HEDDLE_KEY` where the key goes and a sample body. */
export function curlExample(operation: Operation, origin: string): string {
  const lines = [`curl ${operation.method === "GET" ? "" : `-X ${operation.method} `}'${origin}${operation.path}'`];
  const takesKey = operation.security?.some((scheme) => "apiKey" in scheme) ?? false;
  if (takesKey) lines.push(`-H "Authorization: Bearer $HEDDLE_KEY"`);
  const [type, body] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  if (type === "multipart/form-data") {
    for (const [name, field] of Object.entries(body?.schema.properties ?? {})) {
      lines.push(field["format"] === "binary" ? `-F '${name}=@file.csv'` : `-F '${name}=…'`);
    }
  } else if (body) {
    lines.push(`-H 'Content-Type: application/json'`, `-d '${JSON.stringify(sampleOf(body.schema))}'`);
  }
  return lines.join(" \\\n  ");
}

/** A small value that fits a schema: required fields only, where the schema says which are. */
export function sampleOf(schema: JsonSchema, depth = 0): unknown {
  if (schema.default !== undefined && depth > 0) return schema.default;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  const choice = schema.anyOf?.[0] ?? schema.oneOf?.[0];
  if (choice !== undefined) return sampleOf(choice, depth);
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === "object" || schema.properties !== undefined) {
    const names = schema.required ?? Object.keys(schema.properties ?? {}).slice(0, depth === 0 ? 3 : 0);
    return depth > 3 ? {} : Object.fromEntries(names.map((name) => [name, sampleOf(schema.properties?.[name] ?? {}, depth + 1)]));
  }
  if (type === "array") return typeof schema.items === "object" && depth < 3 ? [sampleOf(schema.items, depth + 1)] : [];
  if (type === "integer" || type === "number") return 1;
  if (type === "boolean") return true;
  if (type === "null") return null;
  if (type === "string") return schema["format"] === "email" ? "ada@example.com" : "…";
  return {};
}

/** A schema's type in a few words: `string`, `array of object`, `"read" | "write"`. */
export function describeType(schema: JsonSchema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return [...new Set(choices.map(describeType))].join(" | ");
  if (schema.type === "array") return `array of ${typeof schema.items === "object" ? describeType(schema.items) : "anything"}`;
  if (Array.isArray(schema.type)) return schema.type.join(" | ");
  return schema.type ?? "anything";
}
