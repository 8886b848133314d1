import { describeSchema, variantsOf } from "@heddle/expression";
import type { JsonSchema } from "@heddle/schema";

export interface Completion {
  label: string;
  /** What takes the place of what was typed of it. */
  insert: string;
  /** For people: "text", "list of objects". */
  type: string;
  /** There is something to choose inside it. */
  hasMore: boolean;
}

export interface Completions {
  /** Where what was typed of the name begins. */
  from: number;
  options: Completion[];
}

const IDENTIFIER = /^[A-Za-z_]\w*$/;
const PATH = /(?:^|[^\w.$\])])((?:[A-Za-z_]\w*(?:\[\d+\])*\??\.)*)([A-Za-z_]\w*)?$/;

/** The names that fit at the caret: roots of the scope, or properties of what stands before the dot. */
export function completionsFor(source: string, caret: number, scope: JsonSchema): Completions | undefined {
  const before = source.slice(0, caret);
  const open = before.lastIndexOf("{{");
  if (open === -1 || before.indexOf("}}", open) !== -1 || before[open - 1] === "\\") return undefined;
  const inside = before.slice(open + 2);
  if (isInString(inside)) return undefined;
  const match = PATH.exec(inside);
  if (match === null) return undefined;
  const typed = match[2] ?? "";
  const steps = (match[1] ?? "").match(/[A-Za-z_]\w*|\[\d+\]/g) ?? [];
  const holder = steps.reduce<JsonSchema | undefined>((schema, step) => (schema === undefined ? undefined : inner(schema, step)), scope);
  if (holder === undefined) return undefined;
  const options = propertiesOf(holder)
    .filter(([name]) => IDENTIFIER.test(name) && name.toLowerCase().startsWith(typed.toLowerCase()) && name !== typed)
    .map(([name, schema]) => ({ label: name, insert: name, type: describeSchema(schema), hasMore: propertiesOf(schema).length > 0 }));
  return { from: caret - typed.length, options };
}

/** The named properties of an object schema, of every variant it may be. */
export function propertiesOf(schema: JsonSchema): [string, JsonSchema][] {
  const found = new Map<string, JsonSchema>();
  for (const variant of variantsOf(schema)) {
    for (const [name, property] of Object.entries(variant.properties ?? {})) if (!found.has(name)) found.set(name, property);
  }
  return [...found];
}

function inner(schema: JsonSchema, step: string): JsonSchema | undefined {
  if (!step.startsWith("[")) return propertiesOf(schema).find(([name]) => name === step)?.[1];
  const items = variantsOf(schema).find((variant) => typeof variant.items === "object")?.items;
  return typeof items === "object" ? items : undefined;
}

function isInString(text: string): boolean {
  let quote: string | undefined;
  for (const character of text) {
    if (quote === undefined) quote = character === '"' || character === "'" || character === "`" ? character : undefined;
    else if (character === quote) quote = undefined;
  }
  return quote !== undefined;
}
