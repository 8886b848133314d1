import { fieldHint, type FlowPort, type NodeDefinition } from "@heddle/node-kit";
import type { AgentNode, JsonSchema } from "@heddle/schema";

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

/** Schema of `<node>.output`. A disabled node passes on whatever arrives. */
export function outputSchemaOf(node: AgentNode, definition: NodeDefinition | undefined): JsonSchema {
  if (definition === undefined || node.isDisabled === true) return {};
  const schema = guarded<JsonSchema>({}, () => definition.output(node.params));
  if (node.onError !== "continue") return schema;
  return { anyOf: [schema, { type: "object", properties: { error: ERROR_SCHEMA }, required: ["error"], additionalProperties: false }] };
}

/** Schema of what an output port carries. */
export function carriedSchema(node: AgentNode, definition: NodeDefinition, port: FlowPort): JsonSchema {
  return port.schema ?? outputSchemaOf(node, definition);
}

/** What people call a param. */
export function paramLabel(definition: NodeDefinition, name: string): string {
  const field = Object.hasOwn(definition.params.shape, name) ? definition.params.shape[name] : undefined;
  return field === undefined ? name : fieldHint(field as never, name).label;
}
