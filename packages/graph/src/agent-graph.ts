import type { NodeDefinition, NodeRegistry } from "@heddle/node-kit";
import type { AgentDocument, AgentEdge, AgentNode } from "@heddle/schema";

/** A document indexed for questions about its shape. Nodes are numbered in document order. */
export interface AgentGraph {
  readonly document: AgentDocument;
  readonly registry: NodeRegistry;
  readonly nodes: readonly AgentNode[];
  /** Of several nodes with the same id, the first. */
  readonly indexOf: ReadonlyMap<string, number>;
  readonly definitions: readonly (NodeDefinition | undefined)[];
  /** Flow edges whose ends exist, by node: the numbers of the nodes they lead to or come from. */
  readonly flowTo: readonly (readonly number[])[];
  readonly flowFrom: readonly (readonly number[])[];
  /** Attachment edges whose ends exist: the nodes that each node is lent to, with the slot. */
  readonly lentTo: readonly (readonly { host: number; slot: string }[])[];
}

/** Indexes a document in one pass. Never throws, whatever the edges say. */
export function readGraph(document: AgentDocument, registry: NodeRegistry): AgentGraph {
  const indexOf = new Map<string, number>();
  for (const [index, node] of document.nodes.entries()) if (!indexOf.has(node.id)) indexOf.set(node.id, index);
  const flowTo: number[][] = document.nodes.map(() => []);
  const flowFrom: number[][] = document.nodes.map(() => []);
  const lentTo: { host: number; slot: string }[][] = document.nodes.map(() => []);
  for (const edge of document.edges) {
    const source = indexOf.get(edge.source.node);
    const target = indexOf.get(edge.target.node);
    if (source === undefined || target === undefined) continue;
    if (edge.kind === "flow") {
      flowTo[source]!.push(target);
      flowFrom[target]!.push(source);
    } else lentTo[source]!.push({ host: target, slot: edge.target.port });
  }
  return {
    document,
    registry,
    nodes: document.nodes,
    indexOf,
    definitions: document.nodes.map((node) => registry.get(node.type)),
    flowTo,
    flowFrom,
    lentTo,
  };
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
