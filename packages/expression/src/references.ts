import type { Node } from "acorn";
import { type Segment, splitTemplate } from "./template-segments.ts";

/** A name that a template reads from its scope, and where it stands. */
export interface TemplateReference {
  name: string;
  /** Offsets of the name in the template. */
  start: number;
  end: number;
  /** Fields read from it by name: `["output", "label"]` for `triage.output.label`. */
  path: string[];
  /** True for `{ triage }` in an object literal, where renaming must keep the field's name: `{ triage: newName }`. */
  isShorthand: boolean;
}

/** All names that a template reads from its scope, in the order of the source; parameters of its own functions are none. */
export function findReferences(source: string): TemplateReference[] {
  return source.includes("{{") ? referencesIn(splitTemplate(source)) : [];
}

/** The same for a template that was cut already. */
export function referencesIn(segments: Segment[]): TemplateReference[] {
  const references: TemplateReference[] = [];
  for (const segment of segments) {
    if (segment.kind === "expression") collect(segment.ast, new Set(), references);
  }
  return references.toSorted((left, right) => left.start - right.start);
}

function collect(node: Node, locals: ReadonlySet<string>, references: TemplateReference[], path: string[] = []): void {
  const current = node as Node & Record<string, unknown>;
  if (node.type === "Identifier") {
    const name = current["name"] as string;
    if (!locals.has(name) && name !== "undefined") references.push({ name, start: node.start, end: node.end, path, isShorthand: false });
    return;
  }
  if (node.type === "MemberExpression") {
    const property = current["property"] as Node & { name?: string; value?: unknown };
    const isComputed = current["computed"] === true;
    const key = isComputed ? property.value : property.name;
    collect(current["object"] as Node, locals, references, typeof key === "string" ? [key, ...path] : []);
    if (isComputed) collect(property, locals, references);
    return;
  }
  if (node.type === "ParenthesizedExpression" || node.type === "ChainExpression") {
    collect(current["expression"] as Node, locals, references, path);
    return;
  }
  if (node.type === "CallExpression") {
    const callee = current["callee"] as Node;
    // A name that is called is a function, which no scope holds.
    if (callee.type !== "Identifier") collect(callee, locals, references);
    for (const argument of current["arguments"] as Node[]) collect(argument, locals, references);
    return;
  }
  if (node.type === "Property") {
    const value = current["value"] as Node;
    if (current["computed"] === true) collect(current["key"] as Node, locals, references);
    const before = references.length;
    collect(value, locals, references);
    if (current["shorthand"] === true) for (const reference of references.slice(before)) reference.isShorthand = true;
    return;
  }
  if (node.type === "ArrowFunctionExpression") {
    const inner = new Set(locals);
    for (const parameter of current["params"] as Node[]) declare(parameter, inner, references);
    collect(current["body"] as Node, inner, references);
    return;
  }
  for (const child of childrenOf(node)) collect(child, locals, references);
}

/** Adds the names that a parameter declares; its default values may read from the scope. */
function declare(pattern: Node, locals: Set<string>, references: TemplateReference[]): void {
  const current = pattern as Node & Record<string, unknown>;
  if (pattern.type === "Identifier") locals.add(current["name"] as string);
  else if (pattern.type === "AssignmentPattern") {
    collect(current["right"] as Node, locals, references);
    declare(current["left"] as Node, locals, references);
  } else if (pattern.type === "Property") declare(current["value"] as Node, locals, references);
  else for (const child of childrenOf(pattern)) declare(child, locals, references);
}

function childrenOf(node: Node): Node[] {
  return Object.values(node)
    .flat()
    .filter((value): value is Node => typeof value === "object" && value !== null && "type" in value && "start" in value);
}
