import { canConnect, outputPortsOf } from "@heddle/graph";
import type { NodeRegistry } from "@heddle/node-kit";
import type { AgentDocument, AgentEdge } from "@heddle/schema";
import { edgeIdOf } from "./fresh-ids.ts";
import { nodeShapeOf } from "./node-shape.ts";

export interface PossibleConnection {
  key: string;
  edge: Omit<AgentEdge, "id">;
  /** The other node. */
  name: string;
  type: string;
  /** Which ports: "from On error", "as Tools". */
  detail: string;
}

/** Edges that could be drawn from a node by its ports: to the inputs of others, and into their slots. See {@link firstPossible}. */
export function connectionsFrom(document: AgentDocument, registry: NodeRegistry, nodeId: string): PossibleConnection[] {
  const node = document.nodes.find((candidate) => candidate.id === nodeId);
  const definition = node === undefined ? undefined : registry.get(node.type);
  if (node === undefined || definition === undefined) return [];
  const outputs = outputPortsOf(node, definition);
  const drawn = new Set(document.edges.map((edge) => edge.id));
  return document.nodes.flatMap((other) => {
    if (other.id === nodeId) return [];
    const shape = nodeShapeOf(other, registry.get(other.type));
    const flows = outputs.flatMap((port) =>
      shape.inputs.map((input) => ({
        edge: { kind: "flow" as const, source: { node: nodeId, port: port.name }, target: { node: other.id, port: input.name } },
        detail:
          [outputs.length > 1 ? `from ${port.label ?? port.name}` : "", shape.inputs.length > 1 ? `into ${input.label ?? input.name}` : ""]
            .filter((part) => part !== "")
            .join(", ") || "next step",
      })),
    );
    const slots = (definition.provides.length === 0 ? [] : shape.slots.filter((slot) => definition.provides.includes(slot.accepts))).map(
      (slot) => ({
        edge: { kind: "attachment" as const, source: { node: nodeId, port: "out" }, target: { node: other.id, port: slot.name } },
        detail: `as ${slot.label}`,
      }),
    );
    return [...flows, ...slots]
      .map((choice) => ({ ...choice, key: edgeIdOf(choice.edge), name: other.name, type: other.type }))
      .filter((choice) => !drawn.has(choice.key));
  });
}

/** The first of the choices that the validator allows. It looks at the whole graph for each, so it stops at `limit`. */
export function firstPossible(
  document: AgentDocument,
  registry: NodeRegistry,
  choices: readonly PossibleConnection[],
  limit: number,
): PossibleConnection[] {
  const possible: PossibleConnection[] = [];
  for (const choice of choices) {
    if (possible.length === limit) break;
    if (canConnect(document, registry, { ...choice.edge, id: choice.key }).ok) possible.push(choice);
  }
  return possible;
}
