import { jsonTypeOf, variantsOf } from "@heddle/expression";
import { type AgentVariable, isRecord, type JsonSchema, type StateField } from "@heddle/schema";
import { type AgentGraph, isTool, isTrigger } from "./agent-graph.ts";
import { outputSchemaOf } from "./node-ports.ts";

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

/** An object schema without further names. */
export function closed(properties: Record<string, JsonSchema>): JsonSchema {
  return { type: "object", properties, required: Object.keys(properties), additionalProperties: false };
}

/** The names that every node can read. */
export function sharedScope(graph: AgentGraph): Record<string, JsonSchema> {
  const variables = graph.document.variables.map((variable) => [variable.name, variableSchema(variable)] as const);
  return {
    input: inputSchema(graph),
    variables: closed(Object.fromEntries(variables)),
    ...stateScope(graph),
    run: RUN_SCHEMA,
  };
}

/** `state`, in agents that have one. */
function stateScope({ document: { state = [] } }: AgentGraph): Record<string, JsonSchema> {
  return state.length === 0 ? {} : { state: closed(Object.fromEntries(state.map((field) => [field.name, stateSchema(field)]))) };
}

/** What the expressions of a trigger read that are evaluated where requests come in: the event, and the run's output once there is one. */
export function requestScope(graph: AgentGraph, index: number, mode: "arrival" | "outcome"): JsonSchema {
  const input = outputSchemaOf(graph.nodes[index]!, graph.definitions[index]);
  return closed(mode === "arrival" ? { input } : { input, output: {}, run: RUN_SCHEMA });
}

/** A state value is what it starts as; one that starts as nothing may become anything. */
export function stateSchema({ initial, reducer }: StateField): JsonSchema {
  if (reducer === "add") return { type: "number" };
  if (reducer === "append") return { type: "array", items: {} };
  if (initial === null) return {};
  if (Array.isArray(initial)) return { type: "array", items: {} };
  if (isRecord(initial)) return { type: "object", additionalProperties: true };
  const type = jsonTypeOf(initial);
  return { type: type === "integer" ? "number" : type };
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
