import type { CompiledNode } from "./compiled-agent.ts";

/**
 * The nodes before `merge` whose every way leads into it. When a `first` merge has its winner their work has become
 * pointless; a node that also leads elsewhere goes on.
 */
export function findRivals(merge: CompiledNode): CompiledNode[] {
  const rivals = new Set<CompiledNode>();
  const waiting = merge.incoming.map((edge) => edge.source);
  // A node qualifies once all its targets do, so each is looked at again whenever one more of them has qualified.
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (rivals.has(node) || node.definition.category === "trigger") continue;
    if (!node.outgoing.every((edge) => edge.target === merge || rivals.has(edge.target))) continue;
    rivals.add(node);
    for (const edge of node.incoming) waiting.push(edge.source);
  }
  return [...rivals];
}
