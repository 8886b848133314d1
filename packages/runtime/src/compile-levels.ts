import { isContainer } from "@heddle/node-kit";
import { compileEach } from "./compile-each.ts";
import type { NodeDraft } from "./compile-node.ts";
import type { CompiledLevel, CompiledNode } from "./compiled-agent.ts";
import { findRivals } from "./find-rivals.ts";

/**
 * Sorts connected nodes into levels and gives those that contain others, run per item or go back their tasks. Returns the
 * level at the top. @throws HeddleError expression_failed with the node of an `each` that can't be read
 */
export function compileLevels(scheduled: readonly NodeDraft[]): CompiledLevel {
  const inside = Map.groupBy(scheduled, (node) => node.node.parent);
  // Insides first, because what a container reads includes what they read; a list instead of recursion has no depth limit.
  const order: (string | undefined)[] = [undefined];
  for (const parent of order) {
    for (const node of inside.get(parent) ?? []) if (isContainer(node.definition)) order.push(node.id);
  }
  const bodies = new Map<string | undefined, CompiledLevel>();
  for (const parent of order.toReversed()) {
    const members = inside.get(parent) ?? [];
    for (const node of members) giveBody(node, bodies.get(node.id));
    bodies.set(parent, levelOf(members));
  }
  return bodies.get(undefined) as CompiledLevel;
}

function giveBody(node: NodeDraft, body: CompiledLevel | undefined): void {
  const { control } = node.definition;
  if (body !== undefined && (control === "loop" || control === "map")) node.task = { kind: "rounds", of: control, body };
}

function levelOf(members: readonly NodeDraft[]): CompiledLevel {
  const names = new Set<string>();
  for (const [index, node] of members.entries()) {
    node.index = index;
    for (const name of namesReadBy(node)) names.add(name);
    node.readsState = namesReadBy(node).includes("state");
  }
  for (const node of members) {
    if (node.join === "first") node.rivals = findRivals(node);
    if (node.definition.control === "goto") giveTarget(node, members);
    if (node.node.each !== undefined && node.task.kind !== "goto") repeatPerItem(node);
  }
  return { nodes: members, roots: members.filter((node) => node.incoming.length === 0), names: [...names] };
}

function namesReadBy(node: NodeDraft): string[] {
  return [
    ...node.params.references,
    ...node.attachments.flatMap((attachment) => attachment.node.params.references),
    ...("body" in node.task ? node.task.body.names : []),
    ...(node.node.each === undefined ? [] : compileEach(node.node.each).references),
  ];
}

function giveTarget(node: NodeDraft, members: readonly NodeDraft[]): void {
  const target = members.find((member) => member.id === node.node.params.target);
  const restarts = new Set<CompiledNode>(target === undefined ? [] : [target]);
  for (const next of restarts) for (const edge of next.outgoing) restarts.add(edge.target);
  node.task = { kind: "goto", target, restarts };
}

/** Puts the node as it is into a body of its own; what stands in its place goes round that body. */
function repeatPerItem(node: NodeDraft): void {
  const { each } = node.node;
  if (each === undefined) return;
  const inner: CompiledNode = {
    ...node,
    index: 0,
    incoming: [],
    outgoing: [],
    rivals: [],
    join: "all",
    quota: Number.POSITIVE_INFINITY,
    // What a failed item means is said once, by `each`.
    onError: "fail",
    isDisabled: false,
  };
  const items = compileEach(each);
  const names = namesReadBy(node);
  node.task = { kind: "each", each, items, body: { nodes: [inner], roots: [inner], names } };
}
