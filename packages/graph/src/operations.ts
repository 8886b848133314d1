import type { AgentDocument, AgentEdge, AgentNode, AgentVariable, StateField } from "@heddle/schema";

export type AgentNote = AgentDocument["notes"][number];
export type AgentGroup = AgentDocument["groups"][number];
export type AgentSettings = AgentDocument["settings"];
export interface Position {
  x: number;
  y: number;
}

/**
 * One edit of a document, as data: what undo keeps, autosave sends and co-editing merges. Every operation carries what it
 * replaces, so that its inverse needs no document. `index` is the place in the list; additions go to the end without one.
 */
export type Operation =
  | { type: "node.add"; node: AgentNode; index?: number }
  | { type: "node.remove"; node: AgentNode; index: number }
  | { type: "node.update"; id: string; before: NodePatch; after: NodePatch }
  | { type: "node.move"; moves: { id: string; before: Position; after: Position }[] }
  | { type: "edge.add"; edge: AgentEdge; index?: number }
  | { type: "edge.remove"; edge: AgentEdge; index: number }
  | { type: "variables.set"; before: AgentVariable[]; after: AgentVariable[] }
  | { type: "state.set"; before: StateField[]; after: StateField[] }
  | { type: "settings.set"; before: AgentSettings; after: AgentSettings }
  | { type: "notes.set"; before: AgentNote[]; after: AgentNote[] }
  | { type: "groups.set"; before: AgentGroup[]; after: AgentGroup[] };

/**
 * What an update does to a node: the fields it sets, and in `unset` those it takes away. Positions are moved instead. Both
 * sides of an update name the same fields, so that either can be taken back.
 */
export type NodePatch = Partial<Omit<AgentNode, "position">> & { unset?: OptionalField[] };
export type OptionalField = "retry" | "timeoutMs" | "pinnedOutput" | "isDisabled" | "tool" | "parent" | "each";

/**
 * The operations that undo a list of operations.
 * @throws Error for an addition that was not applied yet: {@link applyOperations} gives back those with their places
 */
export function invertOperations(operations: readonly Operation[]): Operation[] {
  return operations.toReversed().map(invert);
}

function invert(operation: Operation): Operation {
  switch (operation.type) {
    case "node.add":
      return { type: "node.remove", node: operation.node, index: placeOf(operation.index) };
    case "node.remove":
      return { type: "node.add", node: operation.node, index: operation.index };
    case "edge.add":
      return { type: "edge.remove", edge: operation.edge, index: placeOf(operation.index) };
    case "edge.remove":
      return { type: "edge.add", edge: operation.edge, index: operation.index };
    case "node.update": {
      const id = operation.after.id ?? operation.id;
      return { type: "node.update", id, before: operation.after, after: operation.before };
    }
    case "node.move":
      return { type: "node.move", moves: operation.moves.map(({ id, before, after }) => ({ id, before: after, after: before })) };
    case "variables.set":
      return { type: "variables.set", before: operation.after, after: operation.before };
    case "state.set":
      return { type: "state.set", before: operation.after, after: operation.before };
    case "settings.set":
      return { type: "settings.set", before: operation.after, after: operation.before };
    case "notes.set":
      return { type: "notes.set", before: operation.after, after: operation.before };
    case "groups.set":
      return { type: "groups.set", before: operation.after, after: operation.before };
  }
}

function placeOf(index: number | undefined): number {
  if (index === undefined)
    throw new Error("An operation can be inverted once it has been applied: use the operations that applyOperations gives back.");
  return index;
}
