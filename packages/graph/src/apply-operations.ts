import { type AgentDocument, type AgentNode, HeddleError } from "@heddle/schema";
import type { NodePatch, Operation, OptionalField } from "./operations.ts";

/** A document after an edit, and the operations as they were carried out: with places, ready to be inverted. */
export interface AppliedOperations {
  document: AgentDocument;
  operations: Operation[];
}

/**
 * Carries out operations, all or none. The document it is given stays as it is; parts that no operation touches are
 * shared between both.
 * @throws HeddleError conflict when the document is not the one that an operation was made for
 */
export function applyOperations(document: AgentDocument, operations: readonly Operation[]): AppliedOperations {
  let current = document;
  const applied: Operation[] = [];
  for (const operation of operations) {
    const step = apply(current, operation);
    current = step.document;
    applied.push(step.operation);
  }
  return { document: current, operations: applied };
}

function apply(document: AgentDocument, operation: Operation): { document: AgentDocument; operation: Operation } {
  switch (operation.type) {
    case "node.add": {
      if (document.nodes.some(({ id }) => id === operation.node.id)) throw conflict(`There is a node \`${operation.node.id}\` already.`);
      const index = operation.index ?? document.nodes.length;
      return { document: { ...document, nodes: inserted(document.nodes, operation.node, index) }, operation: { ...operation, index } };
    }
    case "node.remove": {
      const index = placeOfNode(document, operation.node.id);
      const node = document.nodes[index]!;
      return { document: { ...document, nodes: document.nodes.toSpliced(index, 1) }, operation: { ...operation, node, index } };
    }
    case "edge.add": {
      if (document.edges.some(({ id }) => id === operation.edge.id))
        throw conflict(`There is a connection \`${operation.edge.id}\` already.`);
      const index = operation.index ?? document.edges.length;
      return { document: { ...document, edges: inserted(document.edges, operation.edge, index) }, operation: { ...operation, index } };
    }
    case "edge.remove": {
      const index = document.edges.findIndex(({ id }) => id === operation.edge.id);
      if (index === -1) throw conflict(`There is no connection \`${operation.edge.id}\`.`);
      const edge = document.edges[index]!;
      return { document: { ...document, edges: document.edges.toSpliced(index, 1) }, operation: { ...operation, edge, index } };
    }
    case "node.update": {
      const index = placeOfNode(document, operation.id);
      const node = document.nodes[index]!;
      const { id = node.id } = operation.after;
      if (id !== node.id && document.nodes.some((other) => other.id === id)) throw conflict(`There is a node \`${id}\` already.`);
      const before = inversePatch(node, operation.after);
      return {
        document: { ...document, nodes: document.nodes.with(index, patched(node, operation.after)) },
        operation: { ...operation, before },
      };
    }
    case "node.move": {
      const places = new Map(operation.moves.map(({ id, after }) => [id, after]));
      const before = new Map(document.nodes.filter(({ id }) => places.has(id)).map(({ id, position }) => [id, position]));
      const moves = operation.moves.filter(({ id }) => before.has(id)).map(({ id, after }) => ({ id, before: before.get(id)!, after }));
      const nodes = document.nodes.map((node) => (places.has(node.id) ? { ...node, position: places.get(node.id)! } : node));
      return { document: { ...document, nodes }, operation: { type: "node.move", moves } };
    }
    case "variables.set":
      return { document: { ...document, variables: operation.after }, operation: { ...operation, before: document.variables } };
    case "state.set": {
      const { state: before = [], ...rest } = document;
      // An agent without state has no such field, so that taking the last one back gives the same document.
      const changed = operation.after.length === 0 ? rest : { ...document, state: operation.after };
      return { document: changed, operation: { ...operation, before } };
    }
    case "settings.set":
      return { document: { ...document, settings: operation.after }, operation: { ...operation, before: document.settings } };
    case "notes.set":
      return { document: { ...document, notes: operation.after }, operation: { ...operation, before: document.notes } };
    case "groups.set":
      return { document: { ...document, groups: operation.after }, operation: { ...operation, before: document.groups } };
  }
}

function inserted<T>(list: readonly T[], item: T, index: number): T[] {
  return list.toSpliced(index, 0, item);
}

function placeOfNode(document: AgentDocument, id: string): number {
  const index = document.nodes.findIndex((node) => node.id === id);
  if (index === -1) throw conflict(`There is no node \`${id}\`.`);
  return index;
}

/** The patch that takes another one back. */
function inversePatch(node: AgentNode, { unset = [], ...set }: NodePatch): NodePatch {
  const fields = [...Object.keys(set), ...unset] as (keyof AgentNode)[];
  const missing = fields.filter((field) => node[field] === undefined) as OptionalField[];
  const present = fields.filter((field) => node[field] !== undefined).map((field) => [field, node[field]]);
  return { ...(Object.fromEntries(present) as NodePatch), ...(missing.length > 0 ? { unset: missing } : {}) };
}

function patched(node: AgentNode, { unset = [], ...set }: NodePatch): AgentNode {
  const result: AgentNode = { ...node, ...set };
  for (const field of unset) delete result[field];
  return result;
}

function conflict(message: string): HeddleError {
  return new HeddleError("conflict", message, { hint: "Load the agent again." });
}
