import { type FlowPort, type NodeDefinition, type ParamTypes } from "@heddle/node-kit";
import type { AgentNode, EachItem, JsonSchema } from "@heddle/schema";

/** Schema of `<node>.error`. */
export const ERROR_SCHEMA: JsonSchema = {
  type: "object",
  properties: {
    code: { type: "string" },
    message: { type: "string" },
    hint: { type: "string" },
    nodeId: { type: "string" },
    details: { type: "object", additionalProperties: true },
  },
  required: ["code", "message"],
  additionalProperties: false,
};

/** The port by which a failed node leaves under `onError: "branch"`. */
export const ERROR_PORT = "error";

/** Definitions are written for params that may be half filled in, but nothing that one does may break validation. */
function guarded<T>(fallback: T, compute: () => T): T {
  try {
    return compute() ?? fallback;
  } catch {
    return fallback;
  }
}

/** Ports made from a list that is half filled in may lack their names. */
function isNamed(port: FlowPort | undefined): boolean {
  return typeof port?.name === "string" && port.name !== "";
}

/** Ports where flow edges arrive. */
export function inputPortsOf(node: AgentNode, definition: NodeDefinition): FlowPort[] {
  return guarded([], () => definition.inputs(node.params).filter(isNamed));
}

/** Ports where flow edges leave, the error port included where the node has one. */
export function outputPortsOf(node: AgentNode, definition: NodeDefinition): FlowPort[] {
  const ports = guarded([{ name: "out" }], () => definition.outputs(node.params).filter(isNamed));
  if (node.onError !== "branch" || ports.some((port) => port.name === ERROR_PORT)) return ports;
  return [...ports, { name: ERROR_PORT, label: "On error", schema: ERROR_SCHEMA }];
}

/** What stands in the place of an output, or of an item's, that failed. */
export const FAILED_SCHEMA: JsonSchema = {
  type: "object",
  properties: { error: ERROR_SCHEMA },
  required: ["error"],
  additionalProperties: false,
};

/**
 * Schema of `<node>.output`. A disabled node passes on whatever arrives. `typeOf` tells the types of params where the
 * document around the node is known.
 */
export function outputSchemaOf(node: AgentNode, definition: NodeDefinition | undefined, typeOf?: ParamTypes): JsonSchema {
  if (definition === undefined || node.isDisabled === true) return {};
  const own = guarded<JsonSchema>({}, () => definition.output(node.params, typeOf));
  return withFailure(node, node.each === undefined ? own : { type: "array", items: eachResult(node.each, own) });
}

function eachResult({ onItemError }: EachItem, output: JsonSchema): JsonSchema {
  return onItemError === "continue" ? { anyOf: [output, FAILED_SCHEMA] } : output;
}

/** An output's schema with what stands in its place when the node fails and the run goes on. */
export function withFailure(node: AgentNode, output: JsonSchema): JsonSchema {
  return node.onError === "continue" ? { anyOf: [output, FAILED_SCHEMA] } : output;
}

/** Schema of what an output port carries. */
export function carriedSchema(node: AgentNode, definition: NodeDefinition, port: FlowPort): JsonSchema {
  // Of a node that runs per item, one port carries the outputs of all items.
  return port.schema !== undefined && node.each === undefined ? port.schema : outputSchemaOf(node, definition);
}
