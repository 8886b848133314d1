import type { NodeRegistry } from "@heddle/node-kit";
import type { AgentDocument, AgentNode } from "@heddle/schema";
import { type AgentGraph, holdsNodes, readGraph } from "./agent-graph.ts";

/** Where a container stands on the canvas and how large it is, in canvas units. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** What a card takes, roughly: its height follows what it says. */
export const CARD = { width: 240, height: 100 } as const;

/** Space between a container's border and what is in it; at the top stands its own card's line. */
export const CONTAINER_PADDING = { top: 80, right: 40, bottom: 40, left: 40 } as const;

/**
 * The boxes of a document's containers by id: around the container's own place and all that lives in it, as positions are
 * the canvas's and not the container's. An empty one has space for a card. `sizeOf` says how large the cards of other
 * nodes are drawn; without it, they take what cards usually take.
 */
export function boxesOf(
  document: AgentDocument,
  registry: NodeRegistry,
  sizeOf: (node: AgentNode) => Pick<Box, "width" | "height"> = () => CARD,
): Map<string, Box> {
  const graph = readGraph(document, registry);
  const containers = [...graph.nodes.keys()].filter((index) => holdsNodes(graph, index));
  // A box reaches around those inside it, so they come first.
  const byDepth = containers.map((index) => ({ index, depth: depthOf(graph, index) })).toSorted((left, right) => right.depth - left.depth);
  const boxes = new Map<string, Box>();
  for (const { index } of byDepth) {
    const { id, position } = graph.nodes[index]!;
    let right = position.x + CONTAINER_PADDING.left + CARD.width;
    let bottom = position.y + CONTAINER_PADDING.top + CARD.height;
    let { x, y } = position;
    for (const child of graph.childrenOf[index]!) {
      const node = graph.nodes[child]!;
      const { width, height } = sizeOf(node);
      const box = boxes.get(node.id) ?? { ...node.position, width, height };
      x = Math.min(x, box.x - CONTAINER_PADDING.left);
      y = Math.min(y, box.y - CONTAINER_PADDING.top);
      right = Math.max(right, box.x + box.width);
      bottom = Math.max(bottom, box.y + box.height);
    }
    boxes.set(id, { x, y, width: right + CONTAINER_PADDING.right - x, height: bottom + CONTAINER_PADDING.bottom - y });
  }
  return boxes;
}

function depthOf(graph: AgentGraph, index: number): number {
  let depth = 0;
  for (let current = graph.parentOf[index]!; current !== -1; current = graph.parentOf[current]!) depth += 1;
  return depth;
}
