import { findReferences } from "@heddle/expression";
import type { NodeDefinition, NodeRegistry } from "@heddle/node-kit";
import { type AgentDocument, type AgentNode, type EachItem, HeddleError, identifier, isRecord, type Json } from "@heddle/schema";
import { isReservedName } from "./check-nodes.ts";
import type { NodePatch, Operation } from "./operations.ts";
import { fieldsWithControl, visitTemplates } from "./visit-templates.ts";

/**
 * The operations that give a node another id everywhere: in the node, its edges, its groups, what lives in it, the go-tos
 * that lead back to it, and every expression that reads it. Text that merely looks like the id stays.
 * @throws HeddleError invalid_request for an id that is not allowed or taken, not_found for a node that is not there
 */
export function renameNode(document: AgentDocument, registry: NodeRegistry, { from, to }: { from: string; to: string }): Operation[] {
  const index = document.nodes.findIndex(({ id }) => id === from);
  if (index === -1) throw new HeddleError("not_found", `There is no node \`${from}\`.`);
  if (from === to) return [];
  const format = identifier.safeParse(to);
  if (!format.success) throw refuse(`\`${to}\` can't be a node's id: ${format.error.issues[0]!.message}.`);
  if (isReservedName(to)) throw refuse(`\`${to}\` has a meaning of its own in expressions. Choose another id.`);
  if (document.nodes.some(({ id }) => id === to)) throw refuse(`There is a node \`${to}\` already. Choose another id.`);

  const operations: Operation[] = [{ type: "node.update", id: from, before: { id: from }, after: { id: to } }];
  for (const node of document.nodes) {
    const patch = renamedPatch(node, registry, { from, to });
    if (patch === undefined) continue;
    const fields = Object.keys(patch) as (keyof typeof patch)[];
    const before = Object.fromEntries(fields.map((field) => [field, node[field]])) as NodePatch;
    operations.push({ type: "node.update", id: node.id === from ? to : node.id, before, after: patch });
  }
  for (const [place, edge] of document.edges.entries()) {
    if (edge.source.node !== from && edge.target.node !== from) continue;
    const renamed = { ...edge, source: renamedEnd(edge.source, from, to), target: renamedEnd(edge.target, from, to) };
    operations.push({ type: "edge.remove", edge, index: place }, { type: "edge.add", edge: renamed, index: place });
  }
  if (document.groups.some(({ nodes }) => nodes.includes(from))) {
    const after = document.groups.map((group) => ({ ...group, nodes: group.nodes.map((id) => (id === from ? to : id)) }));
    operations.push({ type: "groups.set", before: document.groups, after });
  }
  return operations;
}

function renamedEnd(end: { node: string; port: string }, from: string, to: string): { node: string; port: string } {
  return end.node === from ? { ...end, node: to } : end;
}

interface Rename {
  from: string;
  to: string;
}

/** What a node says about the renamed one, said anew; undefined where it says nothing. */
function renamedPatch(node: AgentNode, registry: NodeRegistry, rename: Rename): Pick<NodePatch, "parent" | "params" | "each"> | undefined {
  const params = renamedParams(node.params, registry, { type: node.type, ...rename });
  const list = node.each === undefined ? undefined : renamedTexts({ items: node.each.items }, rename);
  const patch = {
    ...(node.parent === rename.from ? { parent: rename.to } : {}),
    ...(params === undefined ? {} : { params }),
    ...(node.each === undefined || list === undefined ? {} : { each: { ...node.each, items: list["items"] as EachItem["items"] } }),
  };
  return Object.keys(patch).length === 0 ? undefined : patch;
}

/** Params with every reference renamed; undefined where there is none. */
function renamedParams(
  params: Record<string, Json>,
  registry: NodeRegistry,
  { type, from, to }: Rename & { type: string },
): Record<string, Json> | undefined {
  const definition = registry.get(type);
  let result = renamedTexts(params, { from, to }, definition);
  for (const { path, value } of fieldsWithControl(params, definition, "node")) {
    if (value !== from) continue;
    result ??= structuredClone(params);
    setAt(result, path, to);
  }
  return result;
}

function renamedTexts(values: Record<string, Json>, { from, to }: Rename, definition?: NodeDefinition): Record<string, Json> | undefined {
  let result: Record<string, Json> | undefined;
  visitTemplates(values, definition, ({ path, value }) => {
    const renamed = renamedTemplate(value, from, to);
    if (renamed === value) return;
    result ??= structuredClone(values);
    setAt(result, path, renamed);
  });
  return result;
}

/** A template with every reference to one name replaced by another. A parameter of the same name is left alone. */
export function renamedTemplate(template: string, from: string, to: string): string {
  let result = template;
  for (const reference of findReferences(template).toReversed()) {
    if (reference.name !== from) continue;
    const replacement = reference.isShorthand ? `${from}: ${to}` : to;
    result = result.slice(0, reference.start) + replacement + result.slice(reference.end);
  }
  return result;
}

function setAt(root: Json, path: readonly (string | number)[], value: Json): void {
  let current: Json | undefined = root;
  for (const key of path.slice(0, -1))
    current = Array.isArray(current) ? current[key as number] : isRecord(current) ? current[key] : undefined;
  const last = path.at(-1)!;
  if (Array.isArray(current)) current[last as number] = value;
  else if (isRecord(current)) current[last as string] = value;
}

function refuse(message: string): HeddleError {
  return new HeddleError("invalid_request", message);
}
