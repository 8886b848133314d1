import { format, type OutputUnit, type Schema, Validator } from "@cfworker/json-schema";
import { HeddleError, type Json, type JsonSchema, type Problem } from "@heddle/schema";
import { copySchema, type TextTest } from "./schema-copy.ts";

/** One thing that does not fit, and where: `customer.email`, `items.2`; an empty path is the value itself. */
export interface SchemaProblem {
  path: string;
  message: string;
}

/**
 * Checks a value against a JSON Schema (draft 2020-12) and finds all that does not fit, at most 100 things.
 * @throws HeddleError param_invalid when the schema itself can't be used
 */
export function checkAgainstSchema(schema: JsonSchema, value: Json): SchemaProblem[] {
  const prepared = prepare(schema);
  // The validator looks formats up in one table for all; checking is synchronous, so nobody else sees ours.
  for (const [name, test] of prepared.formats) format[name] = test;
  try {
    const { errors } = prepared.validator.validate(value);
    return leaves(errors).slice(0, MAX_PROBLEMS).map(toProblem);
  } catch (error) {
    if (error instanceof RangeError) return [{ path: "", message: "is nested too deeply to be checked" }];
    throw unusable(error);
  } finally {
    for (const name of prepared.formats.keys()) delete format[name];
  }
}

/** The same as problems of a document or an input, placed under `field`. */
export function toProblems(found: SchemaProblem[], field: string, code: string): Problem[] {
  return found.map(({ path, message }) => {
    const place = path === "" ? field : `${field}.${path}`;
    return { code, severity: "error", message: `${place} ${message}.`, field: place };
  });
}

/** All problems as one sentence for people. */
export function problemsAsText(found: SchemaProblem[]): string {
  return found.map(({ path, message }) => `${path || "the value"} ${message}`).join("; ");
}

const MAX_PROBLEMS = 100;

interface PreparedSchema {
  validator: Validator;
  formats: Map<string, TextTest>;
}

const preparedSchemas = new WeakMap<JsonSchema, PreparedSchema>();

function prepare(schema: JsonSchema): PreparedSchema {
  const known = preparedSchemas.get(schema);
  if (known) return known;
  const formats = new Map<string, TextTest>();
  const copy = copySchema(schema, formats);
  try {
    const prepared = { validator: new Validator(copy as Schema, "2020-12", false), formats };
    preparedSchemas.set(schema, prepared);
    return prepared;
  } catch (error) {
    throw unusable(error);
  }
}

function unusable(cause: unknown): HeddleError {
  return new HeddleError("param_invalid", `The schema can't be used: ${cause instanceof Error ? cause.message : "unknown reason"}`, {
    cause,
  });
}

/** Keywords whose errors only say that something inside them failed, which is reported itself. */
const WRAPPERS = new Set([
  "properties",
  "items",
  "prefixItems",
  "additionalProperties",
  "$ref",
  "allOf",
  "if",
  "dependentSchemas",
  "propertyNames",
]);

function leaves(errors: OutputUnit[]): OutputUnit[] {
  // Which alternative was meant is unknown, so the alternatives' own errors would only confuse.
  const alternatives = errors.filter(({ keyword }) => keyword === "anyOf" || keyword === "oneOf");
  return errors.filter(
    (error) =>
      !WRAPPERS.has(error.keyword) &&
      !alternatives.some(
        (alternative) =>
          alternative !== error &&
          error.keywordLocation.startsWith(`${alternative.keywordLocation}/`) &&
          (error.instanceLocation === alternative.instanceLocation ||
            error.instanceLocation.startsWith(`${alternative.instanceLocation}/`)),
      ),
  );
}

const JSON_WORDS: Record<string, string> = {
  string: "text",
  number: "a number",
  integer: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  null: "null",
};

function toProblem({ keyword, instanceLocation, error }: OutputUnit): SchemaProblem {
  const path = instanceLocation
    .split("/")
    .slice(1)
    .map((part) => decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~"))
    .join(".");
  const quoted = [...error.matchAll(/"([^"]*)"/g)].map((match) => match[1] ?? "");
  const inside = (name: string | undefined): string => (path === "" ? (name ?? "") : `${path}.${name}`);
  switch (keyword) {
    case "required":
    case "dependentRequired":
      return { path: inside(quoted.at(-1)), message: "is missing" };
    case "type":
      return {
        path,
        message: `should be ${quoted
          .slice(1)
          .map((type) => JSON_WORDS[type] ?? type)
          .join(" or ")}, not ${JSON_WORDS[quoted[0] ?? ""] ?? quoted[0]}`,
      };
    case "false":
      return { path, message: "is not expected here" };
    case "format": {
      const name = /"([\s\S]*)"/.exec(error)?.[1] ?? "";
      const pattern = /^pattern \d+: ([\s\S]*)$/.exec(name)?.[1];
      return { path, message: pattern === undefined ? `is not a valid ${name}` : `does not match the pattern ${pattern}` };
    }
    case "anyOf":
    case "oneOf":
      return {
        path,
        message:
          keyword === "anyOf" ? "fits none of the shapes that are allowed" : "does not fit exactly one of the shapes that are allowed",
      };
    case "enum":
    case "const":
      return {
        path,
        message: `is not one of the values that are allowed${/(\[.*\])/.exec(error)?.[1] ? `: ${/\[(.*)\]/.exec(error)?.[1]}` : ""}`,
      };
    default:
      return { path, message: `does not fit: ${error.replace(/\.$/, "")}` };
  }
}
