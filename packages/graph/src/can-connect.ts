import type { NodeRegistry } from "@heddle/node-kit";
import type { AgentDocument, AgentEdge, Problem } from "@heddle/schema";
import { type AgentGraph, edgeKey, nodeLabel, readGraph } from "./agent-graph.ts";
import { checkEdge } from "./check-edges.ts";

/** Whether an edge may be drawn, and if not, why. */
export type Connection = { ok: true } | { ok: false; problem: Problem };

/** Answers for an edge that is being drawn: ports, types, slots, doubles and circles. The edge is not in the document yet. */
export function canConnect(document: AgentDocument, registry: NodeRegistry, edge: AgentEdge): Connection {
  const graph = readGraph(document, registry);
  const problem = checkEdge(graph, edge)[0] ?? duplicate(document, edge) ?? fullSlot(graph, edge) ?? circle(graph, edge);
  return problem === undefined ? { ok: true } : { ok: false, problem };
}

function duplicate(document: AgentDocument, edge: AgentEdge): Problem | undefined {
  const place = edgeKey(edge);
  if (!document.edges.some((other) => edgeKey(other) === place)) return undefined;
  return refusal(edge, "duplicate_edge", "These two are connected already.");
}

function fullSlot(graph: AgentGraph, edge: AgentEdge): Problem | undefined {
  const target = graph.indexOf.get(edge.target.node);
  if (edge.kind !== "attachment" || target === undefined) return undefined;
  const slot = graph.definitions[target]?.attachments.find(({ name }) => name === edge.target.port);
  if (slot?.max === undefined) return undefined;
  const isSame = (other: AgentEdge): boolean =>
    other.kind === "attachment" && other.target.node === edge.target.node && other.target.port === slot.name;
  if (graph.document.edges.filter(isSame).length < slot.max) return undefined;
  const message = `${nodeLabel(graph.nodes[target]!)} takes ${slot.max === 1 ? "one" : `at most ${slot.max}`} for ${slot.label.toLowerCase()}. Remove the one it has first.`;
  return refusal(edge, "too_many_attachments", message);
}

function circle(graph: AgentGraph, edge: AgentEdge): Problem | undefined {
  const source = graph.indexOf.get(edge.source.node);
  const target = graph.indexOf.get(edge.target.node);
  if (source === undefined || target === undefined) return undefined;
  const follow = (index: number): readonly number[] =>
    edge.kind === "flow" ? graph.flowTo[index]! : graph.lentTo[index]!.map(({ host }) => host);
  const seen = new Set([target]);
  const pending = [target];
  while (pending.length > 0) {
    const index = pending.pop()!;
    if (index === source) {
      return refusal(
        edge,
        "cycle",
        `${nodeLabel(graph.nodes[target]!)} already leads to ${nodeLabel(graph.nodes[source]!)}, so this would be a circle.`,
      );
    }
    for (const next of follow(index)) {
      if (!seen.has(next)) pending.push(next);
      seen.add(next);
    }
  }
  return undefined;
}

function refusal(edge: AgentEdge, code: string, message: string): Problem {
  return { code, severity: "error", message, edgeId: edge.id };
}
