import type { Box } from "@heddle/graph";
import type { NodeRegistry } from "@heddle/node-kit";
import type { AgentEdge, AgentNode } from "@heddle/schema";
import { type Edge, type NodeHandle, Position } from "@xyflow/react";
import type { CardNode } from "../canvas/node-card.tsx";
import { depthOf } from "./containers.ts";
import { type NodeShape, nodeShapeOf } from "./node-shape.ts";
import type { RunState } from "./run-state.ts";

/**
 * React Flow's nodes for the document's. A node that looks the same keeps its object, so that a thousand nodes cost
 * nothing when one changes. Handles are computed: wires can be drawn to cards that are out of view and not in the page.
 * Containers stand where their frame begins, below all else, the outer ones lowest.
 */
export function flowNodesOf(
  before: readonly CardNode[],
  nodes: readonly AgentNode[],
  { selected, registry, boxes }: { selected: ReadonlySet<string>; registry: NodeRegistry; boxes: ReadonlyMap<string, Box> },
): CardNode[] {
  const known = new Map(before.map((node) => [node.id, node]));
  const byId = boxes.size === 0 ? NO_NODES : new Map(nodes.map((node) => [node.id, node]));
  return nodes.map((node) => {
    const box = boxes.get(node.id);
    const shape = nodeShapeOf(node, registry.get(node.type), box);
    const position = box === undefined ? node.position : { x: box.x, y: box.y };
    const zIndex = box !== undefined ? FRAMES_BELOW + depthOf(node.id, byId) : selected.has(node.id) ? 1 : 0;
    const isSelected = selected.has(node.id);
    const old = known.get(node.id);
    const isSame =
      old !== undefined &&
      old.selected === isSelected &&
      old.position.x === position.x &&
      old.position.y === position.y &&
      old.width === shape.width &&
      old.zIndex === zIndex &&
      old.height === shape.height &&
      old.ariaLabel === node.name &&
      sameHandles(old.handles, shape);
    if (isSame) return old;
    return {
      ...(old ?? { type: "card" as const, data: {} }),
      id: node.id,
      position,
      zIndex,
      selected: isSelected,
      width: shape.width,
      height: shape.height,
      // Cards out of view are never measured; without this they would not count when the view is fitted.
      measured: { width: shape.width, height: shape.height },
      handles: handlesOf(shape),
      ariaLabel: node.name,
    };
  });
}

const NO_NODES: ReadonlyMap<string, AgentNode> = new Map();
/** Frames lie below the wires inside them. */
const FRAMES_BELOW = -1_000;

/** React Flow's edges for the document's, with how they fared in the run that is shown. */
export function flowEdgesOf(
  edges: readonly AgentEdge[],
  selected: ReadonlySet<string>,
  run: RunState | undefined,
  broken: ReadonlySet<string>,
): Edge[] {
  return edges.map((edge) => {
    const isAttachment = edge.kind === "attachment";
    const classes = [
      isAttachment && "is-attachment",
      broken.has(edge.id) && "is-problem",
      run !== undefined && !isAttachment && edgeRunClass(edge, run),
    ].filter((name): name is string => typeof name === "string" && name !== "");
    return {
      id: edge.id,
      source: edge.source.node,
      sourceHandle: isAttachment ? "lend" : `out:${edge.source.port}`,
      target: edge.target.node,
      targetHandle: isAttachment ? `slot:${edge.target.port}` : `in:${edge.target.port}`,
      selected: selected.has(edge.id),
      className: classes.join(" "),
      interactionWidth: 18,
    };
  });
}

/** The document's edge for a connection drawn between two handles; undefined where the handles don't go together. */
export function edgeOfHandles(connection: {
  source: string;
  target: string;
  sourceHandle?: string | null;
  targetHandle?: string | null;
}): Omit<AgentEdge, "id"> | undefined {
  const from = split(connection.sourceHandle);
  const to = split(connection.targetHandle);
  if (from.kind === "lend" && to.kind === "slot") {
    return { kind: "attachment", source: { node: connection.source, port: "out" }, target: { node: connection.target, port: to.name } };
  }
  if (from.kind === "out" && to.kind === "in") {
    return { kind: "flow", source: { node: connection.source, port: from.name }, target: { node: connection.target, port: to.name } };
  }
  return undefined;
}

function split(handle: string | null | undefined): { kind: string; name: string } {
  const text = handle ?? "";
  const colon = text.indexOf(":");
  return colon === -1 ? { kind: text, name: "" } : { kind: text.slice(0, colon), name: text.slice(colon + 1) };
}

function edgeRunClass(edge: AgentEdge, run: RunState): string {
  if (run.nodes[edge.source.node]?.ports.includes(edge.source.port) !== true) return "";
  const target = run.nodes[edge.target.node];
  return target?.status === "running" || target?.status === "retrying" ? "is-live" : "is-taken";
}

/** As in canvas.css; places are those of the card's own layout, its border included. */
const SIZE = 10;

/** Where the ports of a card are, in its own pixels. */
export function handlesOf(shape: NodeShape): NodeHandle[] {
  const at = (id: string, type: "source" | "target", position: Position, x: number, y: number): NodeHandle => ({
    id,
    type,
    position,
    x: x - SIZE / 2,
    y: y - SIZE / 2,
    width: SIZE,
    height: SIZE,
  });
  return [
    ...shape.inputs.map((port, index) => at(`in:${port.name}`, "target", Position.Left, 1, 29 + index * 20)),
    ...shape.outputs.map((port, index) => at(`out:${port.name}`, "source", Position.Right, shape.width - 1, outputHeight(shape, index))),
    ...(shape.isLendable ? [at("lend", "source", Position.Top, shape.width / 2, 1)] : []),
    ...shape.slots.map((slot, index) =>
      at(`slot:${slot.name}`, "target", Position.Bottom, (shape.width * (index + 0.5)) / shape.slots.length, shape.height - 1),
    ),
  ];
}

/** How far down an output port is: in its row, or in the middle of the head; a container's share the head. */
export function outputHeight(shape: NodeShape, index: number): number {
  if (shape.hasPortRows) return 74 + index * 24;
  return shape.isContainer && shape.outputs.length > 1 ? 17 + index * 24 : 29;
}

function sameHandles(handles: NodeHandle[] | undefined, shape: NodeShape): boolean {
  const next = handlesOf(shape);
  return (
    handles?.length === next.length && next.every((handle, index) => handle.id === handles[index]?.id && handle.x === handles[index]?.x)
  );
}
