import type { NodeRegistry } from "@heddle/node-kit";
import type { AgentDocument, Problem } from "@heddle/schema";
import { readGraph } from "./agent-graph.ts";
import { findAncestors } from "./ancestors.ts";
import { checkContainers } from "./check-containers.ts";
import { checkEdges } from "./check-edges.ts";
import { checkExpressions } from "./check-expressions.ts";
import { checkNodes, checkShape, checkVariables } from "./check-nodes.ts";
import { checkState } from "./check-state.ts";
import { createScopeTypes } from "./scope-types.ts";

/**
 * Everything that is wrong with a parsed document, each problem with its place and a sentence that says how to mend it.
 * Errors keep an agent from being deployed, warnings do not. Never throws; 5,000 nodes take well under a second.
 */
export function validateDocument(document: AgentDocument, registry: NodeRegistry): Problem[] {
  const graph = readGraph(document, registry);
  const ancestors = findAncestors(graph);
  const types = createScopeTypes(graph);
  return [
    ...checkVariables(graph),
    ...checkState(graph, types),
    ...checkShape(graph, ancestors),
    ...checkContainers(graph, ancestors, types),
    ...checkNodes(graph),
    ...checkExpressions(graph, ancestors, types),
    ...checkEdges(graph),
  ];
}
