import { type Box, boxesOf, type Operation, validateDocument, withInsides } from "@heddle/graph";
import { isContainer, type NodeRegistry } from "@heddle/node-kit";
import type { AgentDocument, AgentNode } from "@heddle/schema";
import { nodeShapeOf } from "./node-shape.ts";

/** Where each container is drawn and how large. An agent without any costs nothing. */
export function containerBoxes(document: AgentDocument, registry: NodeRegistry): ReadonlyMap<string, Box> {
  const hasContainers = document.nodes.some((node) => holds(node, registry));
  if (!hasContainers) return NO_BOXES;
  return boxesOf(document, registry, (node) => nodeShapeOf(node, registry.get(node.type)));
}

/** The innermost container at a point, leaving out some and what is in them. */
export function containerAt(
  point: { x: number; y: number },
  { document, boxes, except = new Set() }: { document: AgentDocument; boxes: ReadonlyMap<string, Box>; except?: ReadonlySet<string> },
): string | undefined {
  const nodes = new Map(document.nodes.map((node) => [node.id, node]));
  let found: { id: string; depth: number } | undefined;
  for (const [id, box] of boxes) {
    const isIn = point.x >= box.x && point.y >= box.y && point.x <= box.x + box.width && point.y <= box.y + box.height;
    if (!isIn || except.has(id)) continue;
    const depth = depthOf(id, nodes);
    if (found === undefined || depth > found.depth) found = { id, depth };
  }
  return found?.id;
}

/** How many containers a node lives in. */
export function depthOf(id: string, nodes: ReadonlyMap<string, AgentNode>): number {
  const seen = new Set<string>();
  for (let parent = nodes.get(id)?.parent; parent !== undefined && !seen.has(parent); parent = nodes.get(parent)?.parent) seen.add(parent);
  return seen.size;
}

/** What moving nodes into another container, or out of all, does. */
export type Rehoming = { ok: true; operations: Operation[]; lostEdges: number } | { ok: false; message: string };

const MISFITS = new Set(["trigger_inside", "reply_inside", "parent_cycle", "not_a_container"]);

/**
 * Moves nodes into a container (none: to the top). Connections that would cross its border go; those among the moved ones
 * stay. Refused, in the validator's words, where a node can't live there.
 */
export function rehome(document: AgentDocument, registry: NodeRegistry, ids: ReadonlySet<string>, parent: string | undefined): Rehoming {
  const moved = document.nodes.filter((node) => ids.has(node.id) && node.parent !== parent);
  const after: AgentDocument = {
    ...document,
    nodes: document.nodes.map((node) => {
      if (!ids.has(node.id)) return node;
      const { parent: _old, ...rest } = node;
      return parent === undefined ? rest : { ...rest, parent };
    }),
  };
  const misfit =
    parent === undefined
      ? undefined
      : validateDocument(after, registry).find(({ code, nodeId }) => MISFITS.has(code) && ids.has(nodeId ?? ""));
  if (misfit !== undefined) return { ok: false, message: misfit.message };
  const parents = new Map(after.nodes.map((node) => [node.id, node.parent]));
  const isMoved = new Set(moved.map((node) => node.id));
  const lost = document.edges.filter(
    ({ kind, source, target }) =>
      kind === "flow" && (isMoved.has(source.node) || isMoved.has(target.node)) && parents.get(source.node) !== parents.get(target.node),
  );
  return {
    ok: true,
    lostEdges: lost.length,
    operations: [
      ...lost.map((edge): Operation => ({ type: "edge.remove", edge, index: document.edges.indexOf(edge) })),
      ...moved.map(({ id }): Operation => ({
        type: "node.update",
        id,
        before: {},
        after: parent === undefined ? { unset: ["parent"] } : { parent },
      })),
    ],
  };
}

/**
 * Moves what stands right of or below a container out of its way after it has grown, level by level, so that nothing comes
 * to lie under its frame.
 */
export function makeRoom(
  before: ReadonlyMap<string, Box>,
  document: AgentDocument,
  registry: NodeRegistry,
  grown: string | undefined,
): Map<string, { x: number; y: number }> {
  const positions = new Map<string, { x: number; y: number }>();
  let current = document;
  let container = document.nodes.find((node) => node.id === grown);
  for (let level = 0; container !== undefined && level < 50; level += 1) {
    const { id, parent } = container;
    const old = before.get(id);
    const now = containerBoxes(current, registry).get(id);
    if (old !== undefined && now !== undefined) {
      const right = now.x + now.width - (old.x + old.width);
      const below = now.y + now.height - (old.y + old.height);
      for (const sibling of current.nodes) {
        if (sibling.id === id || sibling.parent !== parent) continue;
        const height = nodeShapeOf(sibling, registry.get(sibling.type), before.get(sibling.id)).height;
        const isLevel = sibling.position.y < now.y + now.height && sibling.position.y + height > now.y;
        const isRight = isLevel && sibling.position.x >= old.x + old.width;
        const isBelow = !isRight && sibling.position.y >= old.y + old.height && sibling.position.x < now.x + now.width;
        const shift = { x: isRight ? Math.max(0, right) : 0, y: isBelow ? Math.max(0, below) : 0 };
        if (shift.x === 0 && shift.y === 0) continue;
        for (const inside of withInsides(current, [sibling.id])) {
          const at = current.nodes.find((node) => node.id === inside)?.position;
          if (at !== undefined) positions.set(inside, { x: at.x + shift.x, y: at.y + shift.y });
        }
      }
      current = { ...current, nodes: current.nodes.map((node) => ({ ...node, position: positions.get(node.id) ?? node.position })) };
    }
    container = current.nodes.find((node) => node.id === parent);
  }
  return positions;
}

/** The container into which a new node of a type goes from where the person is: into a selected container, else beside what is selected. */
export function homeFor(
  document: AgentDocument,
  registry: NodeRegistry,
  type: string,
  anchorId: string | undefined,
): { parent: string | undefined; anchorId: string | undefined } {
  const nodes = new Map(document.nodes.map((node) => [node.id, node]));
  const anchor = anchorId === undefined ? undefined : nodes.get(anchorId);
  if (anchor === undefined) return { parent: undefined, anchorId };
  if (canLiveInside(registry, type)) {
    if (!holds(anchor, registry)) return { parent: anchor.parent, anchorId };
    return { parent: anchor.id, anchorId: lastInside(document, anchor.id) };
  }
  // What ends or starts a run stands outside: after the outermost container.
  let outer = anchor;
  for (let level = 0; outer.parent !== undefined && level < 50; level += 1)
    outer = nodes.get(outer.parent) ?? { ...outer, parent: undefined };
  return { parent: undefined, anchorId: outer.id };
}

/** Whether nodes of a type can live in containers: all but what starts a run and what answers for it. */
export function canLiveInside(registry: NodeRegistry, type: string): boolean {
  const category = registry.get(type)?.category;
  return category !== "trigger" && category !== "output";
}

export function holds(node: AgentNode, registry: NodeRegistry): boolean {
  const definition = registry.get(node.type);
  return definition !== undefined && isContainer(definition);
}

/** The node with which the flow inside a container ends so far, rightmost first. */
function lastInside(document: AgentDocument, container: string): string | undefined {
  const leadsOn = new Set(document.edges.map((edge) => edge.source.node));
  return document.nodes
    .filter((node) => node.parent === container && !leadsOn.has(node.id))
    .toSorted((left, right) => right.position.x - left.position.x)[0]?.id;
}

const NO_BOXES: ReadonlyMap<string, Box> = new Map();
