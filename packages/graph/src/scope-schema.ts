import { variantsOf } from "@heddle/expression";
import type { NodeRegistry } from "@heddle/node-kit";
import type { AgentDocument, AgentVariable, JsonSchema } from "@heddle/schema";
import { type AgentGraph, isTool, isTrigger, readGraph } from "./agent-graph.ts";
import { findAncestors } from "./ancestors.ts";
import { ERROR_SCHEMA, outputSchemaOf } from "./node-ports.ts";

/** Facts about the run that expressions may read. */
const RUN_SCHEMA: JsonSchema = {
  type: "object",
  properties: {
    id: { type: "string", description: "Id of this execution" },
    startedAt: { type: "number", description: "When the run began, in ms since 1970" },
    conversationId: { type: "string", description: "Id of the conversation, if there is one" },
  },
  required: ["id", "startedAt"],
  additionalProperties: false,
};

/** Object schema of what the expressions of a node may read: what the editor completes and the validator checks. */
export function scopeSchemaFor(document: AgentDocument, registry: NodeRegistry, nodeId: string): JsonSchema {
  const graph = readGraph(document, registry);
  const index = graph.indexOf.get(nodeId);
  const properties = sharedScope(graph);
  if (index === undefined) return closed(properties);
  for (const earlier of findAncestors(graph).list(index)) {
    if (earlier !== index) properties[graph.nodes[earlier]!.id] = nodeScope(graph, earlier);
  }
  return closed({ ...properties, ...argsScope(graph, index) });
}

/** An object schema without further names. */
export function closed(properties: Record<string, JsonSchema>): JsonSchema {
  return { type: "object", properties, required: Object.keys(properties), additionalProperties: false };
}

/** The names that every node can read. */
export function sharedScope(graph: AgentGraph): Record<string, JsonSchema> {
  const variables = graph.document.variables.map((variable) => [variable.name, variableSchema(variable)] as const);
  return { input: inputSchema(graph), variables: closed(Object.fromEntries(variables)), run: RUN_SCHEMA };
}

/** What `<node>` stands for in the expressions of later nodes. */
export function nodeScope(graph: AgentGraph, index: number): JsonSchema {
  const node = graph.nodes[index]!;
  const output = outputSchemaOf(node, graph.definitions[index]);
  return closed(node.onError === "fail" ? { output } : { output, error: ERROR_SCHEMA });
}

/** `args`, where the node is lent as a tool. */
export function argsScope(graph: AgentGraph, index: number): Record<string, JsonSchema> {
  if (!isTool(graph, index)) return {};
  const { parameters } = graph.nodes[index]!.tool ?? {};
  // A tool without a face of its own is called with no arguments, and reading one gives no value.
  return { args: parameters ?? { type: "object", properties: {} } };
}

/** The run's input is what its trigger hands on; with several triggers, what any of them does. */
function inputSchema(graph: AgentGraph): JsonSchema {
  const triggers = graph.nodes.flatMap((node, index) =>
    isTrigger(graph, index) ? variantsOf(outputSchemaOf(node, graph.definitions[index])) : [],
  );
  if (triggers.length === 0) return {};
  return triggers.length === 1 ? triggers[0]! : { anyOf: triggers };
}

const VARIABLE_TYPES: Readonly<Record<AgentVariable["kind"], JsonSchema>> = {
  text: { type: ["string", "null"] },
  number: { type: ["number", "null"] },
  boolean: { type: ["boolean", "null"] },
  json: {},
  dataset: { type: ["string", "null"] },
  knowledgeBase: { type: ["string", "null"] },
  credential: { type: ["string", "null"] },
};

function variableSchema(variable: AgentVariable): JsonSchema {
  const type = VARIABLE_TYPES[variable.kind];
  return variable.description === undefined ? type : { ...type, description: variable.description };
}
