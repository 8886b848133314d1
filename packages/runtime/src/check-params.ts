import { schemaAt } from "@heddle/graph/visit-templates";
import { fieldHint, type NodeDefinition } from "@heddle/node-kit";
import { HeddleError, isRecord } from "@heddle/schema";
import type { z } from "zod";
import { Blank, type NamedPart, type Scope } from "./compiled-part.ts";
import { deepFreeze } from "./deep-freeze.ts";

/** A node's params, as its definition has them. @throws HeddleError param_invalid */
export function checkParams(definition: NodeDefinition, values: Record<string, unknown>): Record<string, unknown> {
  const parsed = definition.params.safeParse(values);
  if (!parsed.success) throw invalid(definition, parsed.error, []);
  return parsed.data;
}

/**
 * Evaluates and checks params field by field, so that a run pays for what it can change only: fields that it can't are
 * checked here and shared, and of those that take anything in the places that it can change, those places are filled in.
 * Undefined where the fields must be looked at together, or where one is wrong that no run can mend.
 */
export function checkFields(
  definition: NodeDefinition,
  parts: readonly NamedPart[],
): ((scope: Scope) => Record<string, unknown>) | undefined {
  const { checks = [], catchall } = definition.params.def;
  if (checks.length > 0 || catchall !== undefined) return undefined;
  const given = new Map(parts.map(({ name, part }) => [name, part]));
  const fixed: Record<string, unknown> = {};
  const made: { name: string; make: (scope: Scope) => unknown }[] = [];
  for (const [name, schema] of Object.entries(definition.params.shape as Record<string, z.ZodType>)) {
    const part = given.get(name);
    if (part === undefined || part.isLiteral) {
      const checked = schema.safeParse(part?.evaluate({}));
      if (!checked.success) return undefined;
      fixed[name] = deepFreeze(checked.data);
      continue;
    }
    // Every name has its place from the beginning, so that all runs' params are objects of one kind.
    fixed[name] = undefined;
    const sketch = part.sketch === undefined ? undefined : schema.safeParse(part.sketch);
    const make =
      sketch?.success === true ? filler(sketch.data) : (scope: Scope) => checkField(definition, name, schema, part.evaluate(scope));
    made.push({ name, make });
  }
  // What the definition does not know is left out; an expression in it may fail all the same.
  if (parts.some(({ name, part }) => !part.isLiteral && !Object.hasOwn(fixed, name))) return undefined;
  return (scope) => {
    const values = { ...fixed };
    for (const { name, make } of made) values[name] = make(scope);
    return values;
  };
}

function checkField(definition: NodeDefinition, name: string, schema: z.ZodType, value: unknown): unknown {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw invalid(definition, parsed.error, [name]);
  return parsed.data;
}

/** Fills in the blanks of a value; what has none is shared between runs. */
function filler(value: unknown): (scope: Scope) => unknown {
  if (value instanceof Blank) return value.evaluate;
  if (!hasBlank(value)) {
    const shared = deepFreeze(value);
    return () => shared;
  }
  if (Array.isArray(value)) {
    const items = value.map(filler);
    return (scope) => items.map((fill) => fill(scope) ?? null);
  }
  const fields = Object.entries(value as Record<string, unknown>).map(([name, item]) => ({ name, fill: filler(item) }));
  return (scope) => {
    const filled: Record<string, unknown> = {};
    for (const { name, fill } of fields) {
      const item = fill(scope);
      if (item !== undefined) filled[name] = item;
    }
    return filled;
  };
}

function hasBlank(value: unknown): boolean {
  if (value instanceof Blank) return true;
  if (Array.isArray(value)) return value.some(hasBlank);
  return isRecord(value) && Object.values(value).some(hasBlank);
}

function invalid(definition: NodeDefinition, error: z.ZodError, above: readonly PropertyKey[]): HeddleError {
  const issue = error.issues[0];
  const path = [...above, ...(issue?.path ?? [])];
  const top = String(path[0] ?? "");
  const schema = schemaAt(definition, [top]);
  const label = schema === undefined ? top : fieldHint(schema, top).label;
  return new HeddleError("param_invalid", `"${label}" does not fit: ${issue?.message ?? "the value is not valid"}.`, {
    details: { field: `params.${path.join(".")}` },
    hint: "Look at what the field's expressions gave in this run.",
  });
}
