import type { NodeRegistry } from "@heddle/node-kit";
import type { AgentDocument, JsonSchema } from "@heddle/schema";
import { readGraph } from "./agent-graph.ts";
import { findAncestors } from "./ancestors.ts";
import { argsScope, closed, sharedScope } from "./scope-schema.ts";
import { createScopeTypes } from "./scope-types.ts";

/** Object schema of what the expressions of a node may read: what the editor completes and the validator checks. */
export function scopeSchemaFor(document: AgentDocument, registry: NodeRegistry, nodeId: string): JsonSchema {
  const graph = readGraph(document, registry);
  const index = graph.indexOf.get(nodeId);
  const properties = sharedScope(graph);
  if (index === undefined) return closed(properties);
  const types = createScopeTypes(graph);
  for (const earlier of findAncestors(graph).list(index)) {
    if (earlier !== index) properties[graph.nodes[earlier]!.id] = types.nodeScope(earlier);
  }
  return closed({ ...properties, ...Object.fromEntries(types.localsOf(index)), ...argsScope(graph, index) });
}
