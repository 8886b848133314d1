import type { Node } from "acorn";
import type { JsonSchema } from "@heddle/schema";
import { type Checker, type Locals } from "./checker.ts";
import { inferType } from "./check-expression.ts";
import { tableOf } from "./check-member.ts";
import { ExpressionFault } from "./fault.ts";
import { functions } from "./functions.ts";
import { MAX_EXPRESSION_LENGTH } from "./limits.ts";
import { parseExpressionFrom } from "./parse.ts";
import { describeSchema, fieldOf, presentVariants, unionOf } from "./schema-types.ts";

/** One name that may stand at the cursor. */
export interface Completion {
  name: string;
  kind: "variable" | "field" | "method" | "function";
  /** Type of the value, or of what the call gives, in words. */
  type: string;
  /** For methods and functions: the arguments. */
  parameters?: string;
  help?: string;
}

/** What the editor offers, and the part of the source that a choice replaces. */
export interface Completions {
  from: number;
  to: number;
  items: Completion[];
}

/** Names that may stand at an offset of a template, with their types. Empty outside `{{ }}`. Never throws. */
export function completionsAt(source: string, offset: number, scope: JsonSchema): Completions {
  const before = source.slice(0, offset);
  const open = openExpression(before);
  const from = offset - (/[A-Za-z_$][\w$]*$/.exec(before)?.[0].length ?? 0);
  const nothing: Completions = { from: offset, to: offset, items: [] };
  if (open === undefined || open.isInText || offset - open.start > MAX_EXPRESSION_LENGTH) return nothing;
  if (from === offset && /[\w$)\]}"'`]\s*$/.test(before.slice(open.start))) return nothing;
  const seen = typeAt(source.slice(0, from), open, scope);
  if (seen === undefined) return nothing;
  const items = seen.object === undefined ? namesIn(scope, seen.locals) : membersOf(seen.object);
  const to = offset + (/^[\w$]*/.exec(source.slice(offset))?.[0].length ?? 0);
  return { from, to, items };
}

interface OpenExpression {
  /** Where the expression begins, after `{{`. */
  start: number;
  /** What would close the brackets that are open at the cursor. */
  closers: string;
  /** True inside quotes. */
  isInText: boolean;
}

const CLOSERS: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

/** Finds the expression that is still open at the end of a text, by reading its brackets and quotes. */
function openExpression(before: string): OpenExpression | undefined {
  let start = -1;
  let stack: string[] = [];
  for (let position = 0; position < before.length; position += 1) {
    const character = before[position]!;
    if (start === -1) {
      if (before.startsWith("{{", position) && !isEscaped(before, position)) {
        start = position + 2;
        position += 1;
      }
      continue;
    }
    const top = stack.at(-1);
    const isQuote = character === '"' || character === "'" || character === "`";
    if (top === '"' || top === "'" || top === "`") {
      if (character === "\\") position += 1;
      else if (character === top) stack.pop();
      else if (top === "`" && before.startsWith("${", position)) {
        stack.push("}");
        position += 1;
      }
    } else if (isQuote) stack.push(character);
    else if (Object.hasOwn(CLOSERS, character)) stack.push(CLOSERS[character]!);
    else if (stack.length === 0 && before.startsWith("}}", position)) {
      start = -1;
      stack = [];
      position += 1;
    } else if (character === top) stack.pop();
  }
  if (start === -1) return undefined;
  const last = stack.at(-1);
  return { start, closers: stack.toReversed().join(""), isInText: last === '"' || last === "'" || last === "`" };
}

function isEscaped(text: string, position: number): boolean {
  let slashes = 0;
  while (text[position - 1 - slashes] === "\\") slashes += 1;
  return slashes % 2 === 1;
}

/** A name that no document has: it stands where the cursor is, so that the half-written expression can be parsed. */
const PLACEHOLDER = "cursor$here";

interface Seen {
  /** Type of what stands before the dot; undefined where a name starts. */
  object: JsonSchema | undefined;
  locals: Locals;
}

function typeAt(before: string, open: OpenExpression, scope: JsonSchema): Seen | undefined {
  // `a ? b` needs its other half, and so do calls whose further arguments are not written yet.
  for (const rest of ["", " : null", " : null }"]) {
    const closers = rest === "" ? open.closers : `${rest}${open.closers}`;
    const seen = visit(`${before}${PLACEHOLDER}${closers}`, open.start, scope);
    if (seen !== undefined) return seen;
  }
  // The rest of the expression is in a state that can't be parsed: look at the chain of names before the cursor alone.
  const chain = /(?:[A-Za-z_$][\w$]*(?:\[\d+\])?\??\.)*$/.exec(before.slice(open.start))?.[0] ?? "";
  return visit(`${chain}${PLACEHOLDER}`, 0, scope);
}

function visit(text: string, start: number, scope: JsonSchema): Seen | undefined {
  let seen: Seen | undefined;
  const checker: Checker = {
    source: text,
    scope,
    problems: [],
    visit(node: Node, type: JsonSchema, locals: Locals) {
      const { name, property } = node as Node & { name?: string; property?: { name?: string } };
      if (name === PLACEHOLDER) seen = { object: undefined, locals };
      else if (property?.name === PLACEHOLDER) seen = { object: type, locals };
    },
  };
  try {
    inferType(checker, parseExpressionFrom(text, start), new Map());
  } catch (error) {
    if (error instanceof ExpressionFault || error instanceof RangeError) return undefined;
    throw error;
  }
  return seen;
}

function namesIn(scope: JsonSchema, locals: Locals): Completion[] {
  const variables = { ...scope.properties, ...Object.fromEntries(locals) };
  return [
    ...Object.entries(variables).map(([name, schema]): Completion => describe(name, "variable", schema)),
    ...[...functions.values()].map(({ name, parameters, help, returns }): Completion => ({
      name,
      kind: "function",
      type: typeof returns === "function" ? "anything" : describeSchema(returns),
      parameters,
      help,
    })),
  ];
}

function membersOf(object: JsonSchema): Completion[] {
  const fields = new Map<string, JsonSchema[]>();
  const methods = new Map<string, Completion>();
  for (const variant of presentVariants(object)) {
    for (const name of Object.keys(variant.type === "object" ? (variant.properties ?? {}) : {})) {
      const found = fieldOf(variant, name);
      if (found.status === "known") fields.set(name, [...(fields.get(name) ?? []), found.schema]);
    }
    if (variant.type === "string" || variant.type === "array") fields.set("length", [{ type: "integer" }]);
    for (const { name, parameters, help, returns } of tableOf(variant)?.values() ?? []) {
      const type = typeof returns === "function" ? returns({ receiver: variant, args: [], callback: {} }) : returns;
      methods.set(name, { name, kind: "method", type: describeSchema(type), parameters, help });
    }
  }
  return [...[...fields].map(([name, schemas]) => describe(name, "field", unionOf(...schemas))), ...methods.values()];
}

function describe(name: string, kind: "variable" | "field", schema: JsonSchema): Completion {
  const { description } = schema;
  return { name, kind, type: describeSchema(schema), ...(typeof description === "string" ? { help: description } : {}) };
}
