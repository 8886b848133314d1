import { JUMP_PORT, type CompiledNode } from "./compiled-agent.ts";
import type { Frame, Turn } from "./frame.ts";
import type { Json } from "@heddle/schema";

/**
 * Starts a node and all that it leads to anew, in another generation of turns. What is under way there is given up. Values
 * that came from elsewhere stay for nodes that wait for all; one that took the first that came waits for a new one.
 * Returns the node's own new turn, with what the go-to hands it.
 */
export function jumpBack(frame: Frame, goto: CompiledNode, { target, restarts, value, abandon }: Jump): Turn {
  frame.jumps ??= new Map();
  frame.jumps.set(goto, (frame.jumps.get(goto) ?? 0) + 1);
  for (const node of restarts) {
    const before = frame.turn(node);
    abandon(node, before);
    if (node === target) continue;
    const outside = node.incoming.filter((edge) => !restarts.has(edge.source));
    const unresolved = outside.filter((edge) => isUnresolved(frame.turn(edge.source))).length;
    const turn = frame.renew(node, node.incoming.length - outside.length + unresolved);
    if (node.join === "all" && outside.length > 0) keepArrivals(turn, before, new Set(outside.map((edge) => edge.source.id)));
  }
  const turn = frame.renew(target, 0);
  turn.arrivals = { [target.firstInput]: [{ nodeId: goto.id, port: JUMP_PORT, value }] };
  turn.arrived = 1;
  return turn;
}

interface Jump {
  readonly target: CompiledNode;
  readonly restarts: ReadonlySet<CompiledNode>;
  readonly value: Json;
  readonly abandon: (node: CompiledNode, turn: Turn) => void;
}

function isUnresolved({ status }: Turn): boolean {
  return status === "waiting" || status === "ready" || status === "running";
}

function keepArrivals(turn: Turn, before: Turn, sources: ReadonlySet<string>): void {
  for (const [port, arrivals] of Object.entries(before.arrivals ?? {})) {
    const kept = arrivals.filter((arrival) => sources.has(arrival.nodeId));
    if (kept.length === 0) continue;
    turn.arrivals ??= Object.create(null) as NonNullable<Turn["arrivals"]>;
    turn.arrivals[port] = kept;
    turn.arrived += kept.length;
  }
}
