import type { NodeRegistry } from "@heddle/node-kit";
import type { AgentDocument } from "@heddle/schema";
import { type AgentGraph, holdsNodes, readGraph } from "./agent-graph.ts";
import { findComponents } from "./components.ts";
import { CARD, CONTAINER_PADDING } from "./container-boxes.ts";
import type { Operation, Position } from "./operations.ts";

/** Space for one card and the way to the next, in canvas units. */
const COLUMN = 320;
const ROW = 160;
/** The way from a container to what stands beside or below it. */
const GAP = 80;
/** Cards snap to this grid. */
const GRID = 20;
/** Times that rows are put in the order of their neighbours; odd, so that the last sweep goes from left to right. */
const SWEEPS = 5;

/**
 * A layout from left to right: every node stands right of all that lead to it, near the height of its neighbours, and
 * below a node hangs what is attached to it. What lives in a container is laid out in the same way inside its box, which
 * grows with it. The same document always gives the same layout. Takes its idea from the layered drawing of Sugiyama,
 * Tagawa and Toda (1981).
 */
export function layoutDocument(document: AgentDocument, registry: NodeRegistry): Operation {
  const graph = readGraph(document, registry);
  const guests = guestsOf(graph);
  const sizes = new Map<number, Size>();
  const insides = new Map<number, Map<number, Position>>();
  // A container is as large as what is in it, so the innermost come first.
  for (const container of innermostFirst(graph)) {
    const positions = layLevel(graph, graph.childrenOf[container]!, { guests, sizes });
    insides.set(container, positions);
    sizes.set(container, sizeOf(positions, sizes));
  }
  const top = [...graph.nodes.keys()].filter((index) => graph.parentOf[index] === -1);
  const positions = layLevel(graph, top, { guests, sizes });
  for (const container of innermostFirst(graph).toReversed()) {
    const { x, y } = positions.get(container)!;
    for (const [index, inside] of insides.get(container)!) {
      positions.set(index, { x: x + CONTAINER_PADDING.left + inside.x, y: y + CONTAINER_PADDING.top + inside.y });
    }
  }
  const moves = graph.nodes.flatMap((node, index) => {
    const after = positions.get(index);
    if (after === undefined || (node.position.x === after.x && node.position.y === after.y)) return [];
    return [{ id: node.id, before: node.position, after }];
  });
  return { type: "node.move", moves };
}

interface Size {
  width: number;
  height: number;
}

interface Level {
  guests: Guests;
  /** Of containers; all else is as large as a card and the way to the next. */
  sizes: ReadonlyMap<number, Size>;
}

/** Containers, each after those that live in it. */
function innermostFirst(graph: AgentGraph): number[] {
  const order = [...graph.nodes.keys()].filter((index) => graph.parentOf[index] === -1 && holdsNodes(graph, index));
  for (const container of order) order.push(...graph.childrenOf[container]!.filter((child) => holdsNodes(graph, child)));
  return order.toReversed();
}

/** Places the nodes of one level. The first column begins at 0; the level is moved to where it belongs afterwards. */
function layLevel(graph: AgentGraph, members: readonly number[], level: Level): Map<number, Position> {
  const columns = columnsOf(graph, members, level.guests);
  const heights = heightsOf(graph, columns, level);
  const positions = new Map<number, Position>();
  let x = 0;
  for (const column of columns) {
    for (const index of column) {
      positions.set(index, { x, y: heights.get(index)! });
      placeGuests(index, positions, level);
    }
    x += column.reduce((widest, index) => Math.max(widest, (level.sizes.get(index)?.width ?? 0) + GAP), COLUMN);
  }
  return positions;
}

/** The size of a container, and moves what is in it to where its space begins. */
function sizeOf(positions: Map<number, Position>, sizes: ReadonlyMap<number, Size>): Size {
  const top = [...positions.values()].reduce((least, { y }) => Math.min(least, y), Number.POSITIVE_INFINITY);
  let { width, height }: Size = CARD;
  for (const [index, { x, y }] of positions) {
    positions.set(index, { x, y: y - top });
    width = Math.max(width, x + (sizes.get(index)?.width ?? CARD.width));
    height = Math.max(height, y - top + (sizes.get(index)?.height ?? CARD.height));
  }
  return {
    width: onGrid(width + CONTAINER_PADDING.left + CONTAINER_PADDING.right),
    height: onGrid(height + CONTAINER_PADDING.top + CONTAINER_PADDING.bottom),
  };
}

function onGrid(length: number): number {
  return Math.ceil(length / GRID) * GRID;
}

interface Guests {
  /** Nodes that are only lent, by the node they hang below: their first host. */
  hostOf: ReadonlyMap<number, number>;
  of: ReadonlyMap<number, number[]>;
}

function guestsOf(graph: AgentGraph): Guests {
  const hostOf = new Map<number, number>();
  const of = new Map<number, number[]>();
  for (const [index, hosts] of graph.lentTo.entries()) {
    const [first] = hosts;
    if (first === undefined || graph.flowTo[index]!.length > 0 || graph.flowFrom[index]!.length > 0) continue;
    // What lives elsewhere can't hang below.
    if (graph.parentOf[index] !== graph.parentOf[first.host]) continue;
    // Nodes that lend each other around would hang below themselves.
    let above: number | undefined = first.host;
    while (above !== undefined && above !== index) above = hostOf.get(above);
    if (above === index) continue;
    hostOf.set(index, first.host);
    of.set(first.host, [...(of.get(first.host) ?? []), index]);
  }
  return { hostOf, of };
}

/** The nodes of a level by column: one further right than the rightmost that leads there. Circles count as one. */
function columnsOf(graph: AgentGraph, members: readonly number[], guests: Guests): number[][] {
  const places = new Map(members.map((node, place) => [node, place]));
  const components = findComponents(members.map((node) => graph.flowTo[node]!.map((target) => places.get(target)!)));
  const depth = new Int32Array(members.length);
  for (const component of components.toReversed()) {
    const inside = new Set(component);
    const before = component.flatMap((place) =>
      graph.flowFrom[members[place]!]!.map((previous) => places.get(previous)!)
        .filter((previous) => !inside.has(previous))
        .map((previous) => depth[previous]! + 1),
    );
    const start = before.reduce((deepest, candidate) => Math.max(deepest, candidate), 0);
    for (const [offset, place] of component.toSorted((left, right) => left - right).entries()) depth[place] = start + offset;
  }
  const columns: number[][] = [];
  for (const [place, column] of depth.entries()) {
    if (!guests.hostOf.has(members[place]!)) (columns[column] ??= []).push(members[place]!);
  }
  return Array.from(columns, (column) => column ?? []);
}

/** Heights: columns are stacked in the order of their neighbours' mean height, then centred on one line. */
function heightsOf(graph: AgentGraph, columns: number[][], level: Level): Map<number, number> {
  const heights = new Map<number, number>();
  const stack = (column: number[]): void => {
    let y = 0;
    for (const node of column) {
      heights.set(node, y);
      y += spaceOf(node, level);
    }
    const shift = Math.round((y - ROW) / 2 / GRID) * GRID;
    for (const node of column) heights.set(node, heights.get(node)! - shift);
  };
  columns.forEach(stack);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const isForward = sweep % 2 === 0;
    const neighbours = isForward ? graph.flowFrom : graph.flowTo;
    for (const column of isForward ? columns : columns.toReversed()) {
      const wanted = new Map(column.map((node) => [node, meanHeight(neighbours[node]!, heights) ?? heights.get(node)!]));
      // Sorting is stable: where neighbours don't decide, the order of the document, or of the last sweep, stays.
      column.sort((left, right) => wanted.get(left)! - wanted.get(right)!);
      stack(column);
    }
  }
  return heights;
}

function meanHeight(nodes: readonly number[], heights: ReadonlyMap<number, number>): number | undefined {
  if (nodes.length === 0) return undefined;
  return nodes.reduce((sum, node) => sum + (heights.get(node) ?? 0), 0) / nodes.length;
}

/** The height that a node takes, with what hangs below it and the way to the next. */
function spaceOf(node: number, { guests, sizes }: Level): number {
  const own = sizes.has(node) ? Math.max(ROW, sizes.get(node)!.height + GAP) : ROW;
  return (guests.of.get(node) ?? []).reduce((space, guest) => space + spaceOf(guest, { guests, sizes }), own);
}

/** Guests stand one below the other under their host. */
function placeGuests(host: number, positions: Map<number, Position>, level: Level): void {
  const { x, y } = positions.get(host)!;
  let below = y + spaceOf(host, { ...level, guests: NO_GUESTS });
  for (const guest of level.guests.of.get(host) ?? []) {
    positions.set(guest, { x, y: below });
    placeGuests(guest, positions, level);
    below += spaceOf(guest, level);
  }
}

const NO_GUESTS: Guests = { hostOf: new Map(), of: new Map() };
