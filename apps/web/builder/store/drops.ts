import { type Box, type Operation, withInsides } from "@heddle/graph";
import type { NodeRegistry } from "@heddle/node-kit";
import type { AgentDocument } from "@heddle/schema";
import { containerAt, makeRoom, rehome } from "../model/containers.ts";
import { HEAD_HEIGHT, nodeShapeOf } from "../model/node-shape.ts";
import { applied, moveNodes } from "./edits.ts";

type Point = { x: number; y: number };

/** What came of moving nodes: connections that had to go, or why nothing was moved. */
export interface Drop {
  lostEdges: number;
  refusal?: string;
}

interface Move {
  document: AgentDocument;
  boxes: ReadonlyMap<string, Box>;
  registry: NodeRegistry;
  /** By node; of containers and all that is in them too. */
  positions: ReadonlyMap<string, Point>;
  /** Whether the nodes were let go, so that they belong to the container below. */
  isDrop: boolean;
}

/** The places of all nodes that go along when some are moved. A container is moved by its frame, and takes what is in it. */
export function followed(
  document: AgentDocument,
  boxes: ReadonlyMap<string, Box>,
  positions: ReadonlyMap<string, Point>,
): ReadonlyMap<string, Point> {
  const all = new Map<string, Point>();
  for (const [id, to] of positions) {
    const frame = boxes.get(id);
    if (frame === undefined) {
      if (!all.has(id)) all.set(id, to);
      continue;
    }
    const inside = withInsides(document, [id]);
    for (const node of document.nodes) {
      if (inside.has(node.id)) all.set(node.id, { x: node.position.x + to.x - frame.x, y: node.position.y + to.y - frame.y });
    }
  }
  return all;
}

/** The operations of a move, with the changes of container that it brings. */
export function dropped({ document, boxes, registry, positions, isDrop }: Move): Drop & { operations: Operation[] } {
  const moves = moveNodes(document, positions);
  if (!isDrop) return { operations: moves, lostEdges: 0 };
  const moved = new Set(positions.keys());
  const roots = document.nodes.filter((node) => moved.has(node.id) && !(node.parent !== undefined && moved.has(node.parent)));
  const homes = Map.groupBy(roots, (node) => {
    const at = positions.get(node.id)!;
    const frame = boxes.get(node.id);
    const width = frame?.width ?? nodeShapeOf(node, registry.get(node.type)).width;
    const left = at.x + (frame === undefined ? 0 : frame.x - node.position.x);
    const top = at.y + (frame === undefined ? 0 : frame.y - node.position.y);
    return containerAt({ x: left + width / 2, y: top + HEAD_HEIGHT / 2 }, { document, boxes, except: moved });
  });
  let operations: Operation[] = [...moves];
  let lostEdges = 0;
  for (const [parent, nodes] of homes) {
    const home = rehome(applied(document, operations), registry, new Set(nodes.map((node) => node.id)), parent);
    if (!home.ok) return { operations: [], lostEdges: 0, refusal: home.message };
    operations = [...operations, ...home.operations];
    lostEdges += home.lostEdges;
  }
  for (const parent of homes.keys()) {
    const current = applied(document, operations);
    operations = [...operations, ...moveNodes(current, makeRoom(boxes, current, registry, parent))];
  }
  return { operations, lostEdges };
}
