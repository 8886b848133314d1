import type { NodeRegistry } from "@heddle/node-kit";
import type { AgentDocument, AgentNode } from "@heddle/schema";

/** The nodes of the same place from which the flow leads to a node, nearest first: those that a go-to can go back to. */
export function earlierNodes(document: AgentDocument, registry: NodeRegistry, nodeId: string): AgentNode[] {
  const nodes = new Map(document.nodes.map((node) => [node.id, node]));
  const level = nodes.get(nodeId)?.parent;
  const found = new Set<string>();
  let last = [nodeId];
  while (last.length > 0) {
    const targets = new Set(last);
    last = document.edges
      .filter(
        ({ kind, source, target }) => kind === "flow" && targets.has(target.node) && source.node !== nodeId && !found.has(source.node),
      )
      .map(({ source }) => source.node);
    for (const id of last) found.add(id);
  }
  return [...found].flatMap((id) => {
    const node = nodes.get(id);
    return node === undefined || node.parent !== level || registry.get(node.type)?.category === "trigger" ? [] : [node];
  });
}
