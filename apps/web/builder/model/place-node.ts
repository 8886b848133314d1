import type { NodeRegistry } from "@heddle/node-kit";
import type { AgentDocument, AgentNode } from "@heddle/schema";
import { nodeShapeOf } from "./node-shape.ts";

const GAP_X = 88;
const GAP_Y = 32;

/** A free place for a new node: right of its anchor, or right of everything; further down where others stand already. */
export function placeBeside(
  document: AgentDocument,
  anchorId: string | undefined,
  node: AgentNode,
  registry: NodeRegistry,
): { x: number; y: number } {
  const boxes = document.nodes.map((other) => ({ ...other.position, ...sizeOf(other, registry), id: other.id }));
  const anchor = boxes.find((box) => box.id === anchorId) ?? boxes.toSorted((a, b) => b.x + b.width - (a.x + a.width))[0];
  const size = sizeOf(node, registry);
  if (anchor === undefined) return { x: 0, y: 0 };
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
