import { type AgentGraph, isOnlyLent } from "./agent-graph.ts";
import { findComponents } from "./components.ts";

/** Which nodes may have run before each node: a set of bits per node. */
export interface Ancestors {
  /** Whether the flow leads from `earlier` to `node`. */
  has(node: number, earlier: number): boolean;
  /** Whether `earlier` can have finished when `node` runs, be it in a round before, from which a go-to led back. */
  mayHaveRun(node: number, earlier: number): boolean;
  /** Numbers of all that can have run, in document order. */
  list(node: number): number[];
  /** Groups of nodes that lead to one another, and nodes that lead to themselves. */
  readonly cycles: readonly (readonly number[])[];
}

/**
 * Finds all ancestors at once: one pass over the edges with 32 nodes in each operation. A node in a container comes after
 * the container and all that comes before it; what follows the container comes after the container alone. A node that is
 * lent to others sees what they see, because it runs while they do.
 */
export function findAncestors(graph: AgentGraph): Ancestors {
  const count = graph.nodes.length;
  const words = (count + 31) >> 5;
  const rows: (Uint32Array | undefined)[] = Array.from({ length: count });
  const containerOf = graph.parentOf.map((parent, node) => (parent !== -1 && isOnlyLent(graph, node) ? -1 : parent));
  const components = findComponents(
    graph.flowTo.map((targets, node) => {
      const inside = graph.childrenOf[node]!;
      return inside.length === 0 ? targets : [...targets, ...inside.filter((child) => containerOf[child] === node)];
    }),
  );
  const componentOf = new Int32Array(count);
  for (const [number, members] of components.entries()) for (const node of members) componentOf[node] = number;
  const cycles: number[][] = [];

  // Components come out with what follows before what leads there, so the last one has no ancestors.
  for (let number = components.length - 1; number >= 0; number -= 1) {
    const members = components[number]!;
    const row = new Uint32Array(words);
    for (const node of members) {
      const container = containerOf[node]!;
      if (container !== -1) {
        merge(row, rows[container]!);
        mark(row, container);
      }
      for (const previous of graph.flowFrom[node]!) {
        if (componentOf[previous] !== number) merge(row, rows[previous]!);
        mark(row, previous);
      }
      rows[node] = row;
    }
    const isCycle = members.length > 1 || graph.flowTo[members[0]!]!.includes(members[0]!);
    if (isCycle) cycles.push(members.toSorted((left, right) => left - right));
  }
  const flow = rows as Uint32Array[];
  const readable = lookBack(graph, flow);
  inheritFromHosts(graph, flow);
  if (readable !== flow) inheritFromHosts(graph, readable);

  return {
    has: (node, earlier) => isMarked(flow[node]!, earlier),
    mayHaveRun: (node, earlier) => isMarked(readable[node]!, earlier),
    list: (node) => graph.nodes.map((_, index) => index).filter((index) => isMarked(readable[node]!, index)),
    cycles: cycles.toReversed(),
  };
}

/** Between a go-to and its target every node may have run before every other: in the round before. */
function lookBack(graph: AgentGraph, flow: Uint32Array[]): Uint32Array[] {
  const jumps = graph.nodes.flatMap(({ params: { target } }, from) => {
    if (graph.definitions[from]?.control !== "goto" || typeof target !== "string") return [];
    const to = graph.indexOf.get(target);
    return to !== undefined && to !== from && graph.parentOf[to] === graph.parentOf[from] && isMarked(flow[from]!, to)
      ? [{ from, to }]
      : [];
  });
  if (jumps.length === 0) return flow;
  const readable = flow.map((row) => row.slice());
  for (const { from, to } of jumps) {
    const round = new Uint32Array(flow[from]!.length);
    const isInRound = (node: number): boolean =>
      (node === to || isMarked(flow[node]!, to)) && (node === from || isMarked(flow[from]!, node));
    for (const node of graph.nodes.keys()) if (isInRound(node)) mark(round, node);
    for (const node of graph.nodes.keys()) {
      // What lives in a container of the round takes part in it.
      let outermost = node;
      while (graph.parentOf[outermost]! !== -1 && !isMarked(round, outermost)) outermost = graph.parentOf[outermost]!;
      if (isMarked(round, outermost)) merge(readable[node]!, round);
    }
  }
  return readable;
}

function isMarked(row: Uint32Array, node: number): boolean {
  return (row[node >> 5]! & (1 << (node & 31))) !== 0;
}

function inheritFromHosts(graph: AgentGraph, rows: Uint32Array[]): void {
  const isDone = new Uint8Array(graph.nodes.length);
  const visit = (start: number): void => {
    const pending = [start];
    while (pending.length > 0) {
      const node = pending.at(-1)!;
      const hosts = graph.lentTo[node]!;
      // State 1 means "on the stack": hosts that lend each other around are a problem reported elsewhere.
      const next = isDone[node] === 0 ? hosts.filter(({ host }) => isDone[host] === 0) : [];
      if (isDone[node] === 0) isDone[node] = 1;
      if (next.length > 0) {
        pending.push(...next.map(({ host }) => host));
        continue;
      }
      pending.pop();
      if (isDone[node] === 2) continue;
      isDone[node] = 2;
      if (hosts.length === 0) continue;
      const row = rows[node]!.slice();
      for (const { host } of hosts) merge(row, rows[host]!);
      rows[node] = row;
    }
  };
  for (const [node, hosts] of graph.lentTo.entries()) if (hosts.length > 0) visit(node);
}

function mark(row: Uint32Array, node: number): void {
  row[node >> 5]! |= 1 << (node & 31);
}

function merge(row: Uint32Array, other: Uint32Array): void {
  for (let word = 0; word < row.length; word += 1) row[word]! |= other[word]!;
}
