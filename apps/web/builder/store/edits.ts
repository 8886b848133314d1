import { applyOperations, canConnect, type NodePatch, type Operation, removeNodes } from "@heddle/graph";
import type { NodeDefinition, NodeRegistry } from "@heddle/node-kit";
import {
  type AgentDocument,
  type AgentEdge,
  type AgentNode,
  agentNode,
  type AgentVariable,
  type Json,
  type RunLimits,
  type StateField,
} from "@heddle/schema";
import { edgeIdOf } from "../model/fresh-ids.ts";
import { nodeShapeOf } from "../model/node-shape.ts";

/** Properties of a node to be set; null takes one away. */
export type NodeChanges = { [Field in Exclude<keyof AgentNode, "id" | "position">]?: AgentNode[Field] | null };

/** A node of a type as it is when it is new: default settings, and a name that tells it from its like. */
export function newNode({ id, definition, names }: { id: string; definition: NodeDefinition; names: readonly string[] }): AgentNode {
  let name = definition.name;
  for (let number = 2; names.includes(name); number += 1) name = `${definition.name} ${number}`;
  return agentNode.parse({ id, type: definition.type, typeVersion: definition.version, name });
}

export function addNode(node: AgentNode): Operation[] {
  return [{ type: "node.add", node }];
}

export function addEdge(edge: AgentEdge): Operation[] {
  return [{ type: "edge.add", edge }];
}

/** The document as it would be. */
export function applied(document: AgentDocument, operations: readonly Operation[]): AgentDocument {
  return applyOperations(document, operations).document;
}

/** The edge that leads from a node into a new one: from the port asked for, else from the first that leads nowhere yet. */
export function wayInto(
  document: AgentDocument,
  registry: NodeRegistry,
  from: string,
  port: string | undefined,
  node: AgentNode,
): AgentEdge | undefined {
  const source = document.nodes.find((candidate) => candidate.id === from);
  const input = nodeShapeOf(node, registry.get(node.type)).inputs[0];
  if (source === undefined || input === undefined) return undefined;
  const outputs = nodeShapeOf(source, registry.get(source.type)).outputs.map((output) => output.name);
  const isFree = (name: string) =>
    !document.edges.some((edge) => edge.kind === "flow" && edge.source.node === from && edge.source.port === name);
  const choices = port === undefined ? outputs.toSorted((a, b) => Number(isFree(b)) - Number(isFree(a))) : [port];
  for (const name of choices) {
    const ends = { kind: "flow" as const, source: { node: from, port: name }, target: { node: node.id, port: input.name } };
    const edge = { ...ends, id: edgeIdOf(ends) };
    if (canConnect(document, registry, edge).ok) return edge;
  }
  return undefined;
}

/** Takes nodes away with all their wires and all that lives in them, and wires. */
export function remove(document: AgentDocument, nodes: ReadonlySet<string>, edges: ReadonlySet<string>): Operation[] {
  return removeNodes(document, { nodes, edges });
}

export function moveNodes(document: AgentDocument, positions: ReadonlyMap<string, { x: number; y: number }>): Operation[] {
  const moves = document.nodes.flatMap((node) => {
    const after = positions.get(node.id);
    return after === undefined || (after.x === node.position.x && after.y === node.position.y)
      ? []
      : [{ id: node.id, before: node.position, after }];
  });
  return moves.length === 0 ? [] : [{ type: "node.move", moves }];
}

/** Sets one param; `undefined` leaves it empty. */
export function setParam(document: AgentDocument, nodeId: string, name: string, value: Json | undefined): Operation[] {
  const node = document.nodes.find((candidate) => candidate.id === nodeId);
  if (node === undefined || node.params[name] === value) return [];
  const { [name]: _old, ...kept } = node.params;
  return patchNode(document, nodeId, { params: value === undefined ? kept : { ...node.params, [name]: value } });
}

/** Sets properties of a node; null takes one away. */
export function patchNode(document: AgentDocument, nodeId: string, changes: NodeChanges): Operation[] {
  if (!document.nodes.some((candidate) => candidate.id === nodeId)) return [];
  const entries = Object.entries(changes);
  const unset = entries.filter(([, value]) => value === null).map(([name]) => name) as NonNullable<NodePatch["unset"]>;
  const after = {
    ...Object.fromEntries(entries.filter(([, value]) => value !== null)),
    ...(unset.length === 0 ? {} : { unset }),
  } as NodePatch;
  // What it replaces is filled in when it is applied.
  return [{ type: "node.update", id: nodeId, before: {}, after }];
}

export function setVariables(document: AgentDocument, after: AgentVariable[]): Operation[] {
  return [{ type: "variables.set", before: document.variables, after }];
}

export function setState(document: AgentDocument, after: StateField[]): Operation[] {
  return [{ type: "state.set", before: document.state ?? [], after }];
}

export function setLimits(document: AgentDocument, limits: RunLimits): Operation[] {
  return [{ type: "settings.set", before: document.settings, after: { ...document.settings, limits } }];
}

/** Turns one document into another, whatever they have in common. */
export function replaceDocument(before: AgentDocument, after: AgentDocument): Operation[] {
  return [
    ...remove(before, new Set(before.nodes.map((node) => node.id)), new Set(before.edges.map((edge) => edge.id))).filter(
      (operation) => operation.type !== "groups.set",
    ),
    ...after.nodes.flatMap((node) => addNode(node)),
    ...after.edges.flatMap((edge) => addEdge(edge)),
    { type: "variables.set", before: before.variables, after: after.variables },
    { type: "state.set", before: before.state ?? [], after: after.state ?? [] },
    { type: "settings.set", before: before.settings, after: after.settings },
    { type: "notes.set", before: before.notes, after: after.notes },
    { type: "groups.set", before: before.groups, after: after.groups },
  ];
}
