import { isContainer, type NodeDefinition, type NodeRegistry } from "@heddle/node-kit";
import type { AgentDocument, AgentEdge, AgentNode } from "@heddle/schema";

/** A document indexed for questions about its shape. Nodes are numbered in document order. */
export interface AgentGraph {
  readonly document: AgentDocument;
  readonly registry: NodeRegistry;
  readonly nodes: readonly AgentNode[];
  /** Of several nodes with the same id, the first. */
  readonly indexOf: ReadonlyMap<string, number>;
  readonly definitions: readonly (NodeDefinition | undefined)[];
  /** The container that each node lives in; -1 at the top, and where `parent` names nothing that could hold the node. */
  readonly parentOf: readonly number[];
  /** What lives in each node. */
  readonly childrenOf: readonly (readonly number[])[];
  /** Flow edges whose ends live in the same place, by node: the numbers of the nodes they lead to or come from. */
  readonly flowTo: readonly (readonly number[])[];
  readonly flowFrom: readonly (readonly number[])[];
  /** Attachment edges whose ends exist: the nodes that each node is lent to, with the slot. */
  readonly lentTo: readonly (readonly { host: number; slot: string }[])[];
}

/** Indexes a document in one pass. Never throws, whatever the edges say. */
export function readGraph(document: AgentDocument, registry: NodeRegistry): AgentGraph {
  const indexOf = new Map<string, number>();
  for (const [index, node] of document.nodes.entries()) if (!indexOf.has(node.id)) indexOf.set(node.id, index);
  const definitions = document.nodes.map((node) => registry.get(node.type));
  const parentOf = findParents(document, indexOf, definitions);
  const childrenOf: number[][] = document.nodes.map(() => []);
  for (const [index, parent] of parentOf.entries()) childrenOf[parent]?.push(index);
  const flowTo: number[][] = document.nodes.map(() => []);
  const flowFrom: number[][] = document.nodes.map(() => []);
  const lentTo: { host: number; slot: string }[][] = document.nodes.map(() => []);
  for (const edge of document.edges) {
    const source = indexOf.get(edge.source.node);
    const target = indexOf.get(edge.target.node);
    if (source === undefined || target === undefined) continue;
    if (edge.kind === "flow") {
      if (parentOf[source] !== parentOf[target]) continue;
      flowTo[source]!.push(target);
      flowFrom[target]!.push(source);
    } else lentTo[source]!.push({ host: target, slot: edge.target.port });
  }
  return {
    document,
    registry,
    nodes: document.nodes,
    indexOf,
    definitions,
    parentOf,
    childrenOf,
    flowTo,
    flowFrom,
    lentTo,
  };
}

/** Containers by node. One that would hold itself, directly or by others, holds nothing. */
function findParents(
  document: AgentDocument,
  indexOf: ReadonlyMap<string, number>,
  definitions: readonly (NodeDefinition | undefined)[],
): number[] {
  const parentOf = document.nodes.map(({ parent }) => {
    const index = parent === undefined ? undefined : indexOf.get(parent);
    const definition = index === undefined ? undefined : definitions[index];
    return index !== undefined && definition !== undefined && isContainer(definition) ? index : -1;
  });
  const isSafe = new Uint8Array(parentOf.length);
  for (const start of parentOf.keys()) {
    const path = new Set<number>();
    let current = start;
    while (current !== -1 && isSafe[current] === 0 && !path.has(current)) {
      path.add(current);
      current = parentOf[current]!;
    }
    if (current !== -1 && path.has(current)) parentOf[current] = -1;
    for (const index of path) isSafe[index] = 1;
  }
  return parentOf;
}

/** True for nodes that run only when those they are lent to call them. */
export function isOnlyLent(graph: AgentGraph, index: number): boolean {
  return (
    graph.lentTo[index]!.length > 0 && graph.flowTo[index]!.length === 0 && graph.flowFrom[index]!.length === 0 && !isTrigger(graph, index)
  );
}

/** Whether the node holds others. */
export function holdsNodes(graph: AgentGraph, index: number): boolean {
  const definition = graph.definitions[index];
  return definition !== undefined && isContainer(definition);
}

/** True where the node is lent to another as a tool, so that its expressions may read `args`. */
export function isTool(graph: AgentGraph, index: number): boolean {
  return graph.lentTo[index]!.some(({ host, slot }) =>
    graph.definitions[host]?.attachments.some((candidate) => candidate.name === slot && candidate.accepts === "tool"),
  );
}

/** Whether the node starts runs. */
export function isTrigger(graph: AgentGraph, index: number): boolean {
  return graph.definitions[index]?.category === "trigger";
}

/** What people call a node in messages. */
export function nodeLabel(node: AgentNode): string {
  return `"${node.name}"`;
}

/** Where an edge stands, for messages. */
export function edgeKey(edge: Pick<AgentEdge, "kind" | "source" | "target">): string {
  return JSON.stringify([edge.kind, edge.source.node, edge.source.port, edge.target.node, edge.target.port]);
}
