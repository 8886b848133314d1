import type { NodeRegistry } from "@heddle/node-kit";
import type { AgentDocument } from "@heddle/schema";
import { type AgentGraph, readGraph } from "./agent-graph.ts";
import { findComponents } from "./components.ts";
import type { Operation, Position } from "./operations.ts";

/** Space for one card and the way to the next, in canvas units. A card is 240 wide. */
const COLUMN = 320;
const ROW = 160;
/** Cards snap to this grid. */
const GRID = 20;
/** Times that rows are put in the order of their neighbours; odd, so that the last sweep goes from left to right. */
const SWEEPS = 5;

/**
 * A layout from left to right: every node stands right of all that lead to it, near the height of its neighbours, and
 * below a node hangs what is attached to it. The same document always gives the same layout. Takes its idea from the
 * layered drawing of Sugiyama, Tagawa and Toda (1981).
 */
export function layoutDocument(document: AgentDocument, registry: NodeRegistry): Operation {
  const graph = readGraph(document, registry);
  const guests = guestsOf(graph);
  const isGuest = graph.nodes.map((_, index) => guests.hostOf.has(index));
  const columns = columnsOf(graph, isGuest);
  const heights = heightsOf(graph, columns, guests.of);
  const positions = new Map<number, Position>();
  for (const [column, members] of columns.entries()) {
    for (const index of members) {
      positions.set(index, { x: column * COLUMN, y: heights.get(index)! });
      placeGuests(index, positions, guests.of);
    }
  }
  const moves = graph.nodes.flatMap((node, index) => {
    const after = positions.get(index);
    if (after === undefined || (node.position.x === after.x && node.position.y === after.y)) return [];
    return [{ id: node.id, before: node.position, after }];
  });
  return { type: "node.move", moves };
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
    // Nodes that lend each other around would hang below themselves.
    let above: number | undefined = first.host;
    while (above !== undefined && above !== index) above = hostOf.get(above);
    if (above === index) continue;
    hostOf.set(index, first.host);
    of.set(first.host, [...(of.get(first.host) ?? []), index]);
  }
  return { hostOf, of };
}

/** Nodes by column: one further right than the rightmost that leads there. Circles count as one. */
function columnsOf(graph: AgentGraph, isGuest: boolean[]): number[][] {
  const components = findComponents(graph.flowTo);
  const depth = new Int32Array(graph.nodes.length);
  for (const members of components.toReversed()) {
    const inside = new Set(members);
    const before = members.flatMap((node) =>
      graph.flowFrom[node]!.filter((previous) => !inside.has(previous)).map((previous) => depth[previous]! + 1),
    );
    const start = before.reduce((deepest, candidate) => Math.max(deepest, candidate), 0);
    for (const [offset, node] of members.toSorted((left, right) => left - right).entries()) depth[node] = start + offset;
  }
  const columns: number[][] = [];
  for (const [node, column] of depth.entries()) {
    if (isGuest[node] !== true) (columns[column] ??= []).push(node);
  }
  return Array.from(columns, (column) => column ?? []);
}

/** Heights: columns are stacked in the order of their neighbours' mean height, then centred on one line. */
function heightsOf(graph: AgentGraph, columns: number[][], guests: Guests["of"]): Map<number, number> {
  const heights = new Map<number, number>();
  const stack = (column: number[]): void => {
    let y = 0;
    for (const node of column) {
      heights.set(node, y);
      y += ROW * rowsOf(node, guests);
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

/** Rows that a node takes, with what hangs below it. */
function rowsOf(node: number, guests: Guests["of"]): number {
  return (guests.get(node) ?? []).reduce((rows, guest) => rows + rowsOf(guest, guests), 1);
}

/** Guests stand one below the other under their host. */
function placeGuests(host: number, positions: Map<number, Position>, guests: Guests["of"]): void {
  const { x, y } = positions.get(host)!;
  let row = 1;
  for (const guest of guests.get(host) ?? []) {
    positions.set(guest, { x, y: y + row * ROW });
    placeGuests(guest, positions, guests);
    row += rowsOf(guest, guests);
  }
}
