import { CONTAINER_PADDING } from "@heddle/graph";
import type { NodeRegistry } from "@heddle/node-kit";
import type { AgentDocument, AgentNode } from "@heddle/schema";
import { containerBoxes } from "./containers.ts";
import { nodeShapeOf } from "./node-shape.ts";

const GAP_X = 88;
const GAP_Y = 32;

/**
 * A free place for a node on its level: right of its anchor, or right of everything; further down where others stand
 * already. The first in a container stands at its beginning.
 */
export function placeBeside(
  document: AgentDocument,
  anchorId: string | undefined,
  node: AgentNode,
  registry: NodeRegistry,
): { x: number; y: number } {
  const frames = containerBoxes(document, registry);
  const boxes = document.nodes
    .filter((other) => other.parent === node.parent && other.id !== node.id)
    .map((other) => ({ ...(frames.get(other.id) ?? { ...other.position, ...sizeOf(other, registry) }), id: other.id }));
  const anchor = boxes.find((box) => box.id === anchorId) ?? boxes.toSorted((a, b) => b.x + b.width - (a.x + a.width))[0];
  const size = sizeOf(node, registry);
  if (anchor === undefined) {
    const frame = frames.get(node.parent ?? "");
    return frame === undefined ? { x: 0, y: 0 } : { x: frame.x + CONTAINER_PADDING.left, y: frame.y + CONTAINER_PADDING.top };
  }
  const x = anchor.x + anchor.width + GAP_X;
  let y = anchor.y;
  for (;;) {
    const blocker = boxes.find(
      (box) => box.x < x + size.width && x < box.x + box.width && box.y < y + size.height + GAP_Y && y < box.y + box.height + GAP_Y,
    );
    if (blocker === undefined) return { x, y };
    y = blocker.y + blocker.height + GAP_Y;
  }
}

function sizeOf(node: AgentNode, registry: NodeRegistry): { width: number; height: number } {
  const { width, height } = nodeShapeOf(node, registry.get(node.type));
  return { width, height };
}
