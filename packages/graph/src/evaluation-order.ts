import type { AgentGraph } from "./agent-graph.ts";

/**
 * All nodes, each after those that its type may be made of: what leads to it, what lives in it, and, where a round of a
 * container begins, what leads to the container. Without recursion, so that no chain is too long; circles are cut anywhere.
 */
export function inEvaluationOrder(graph: AgentGraph): number[] {
  const state = new Uint8Array(graph.nodes.length);
  const order: number[] = [];
  for (const start of graph.nodes.keys()) {
    const path: { node: number; needs: readonly number[]; next: number }[] = [];
    const enter = (node: number): void => {
      state[node] = 1;
      path.push({ node, needs: needsOf(graph, node), next: 0 });
    };
    if (state[start] === 0) enter(start);
    while (path.length > 0) {
      const step = path.at(-1)!;
      const need = step.needs[step.next];
      step.next += 1;
      if (need === undefined) {
        path.pop();
        order.push(step.node);
      } else if (state[need] === 0) enter(need);
    }
  }
  return order;
}

function needsOf(graph: AgentGraph, node: number): readonly number[] {
  const before = graph.flowFrom[node]!;
  const inside = graph.childrenOf[node]!;
  if (before.length > 0) return inside.length === 0 ? before : [...before, ...inside];
  let container = graph.parentOf[node]!;
  while (container !== -1 && graph.flowFrom[container]!.length === 0) container = graph.parentOf[container]!;
  return container === -1 ? inside : [...graph.flowFrom[container]!, ...inside];
}
