import { defineNode, type NodeDefinition, type NodeRegistry } from "@heddle/node-kit";
import { type AgentDocument, agentDocument, type AgentDocumentInput, type AgentEdge } from "@heddle/schema";
import { z } from "zod";

const text = { type: "string" } as const;

const start = defineNode({
  type: "start",
  name: "Start",
  category: "trigger",
  icon: "play",
  summary: "",
  docs: "",
  params: z.object({}),
  describe: () => "",
  output: () => ({ type: "object", properties: { message: text }, required: ["message"] }),
});

const task = defineNode({
  type: "task",
  name: "Task",
  category: "transform",
  icon: "cog",
  summary: "",
  docs: "",
  params: z.object({
    text: z
      .string()
      .min(1)
      .optional()
      .meta({ ui: { label: "Text" } }),
    count: z
      .number()
      .int()
      .max(10)
      .optional()
      .meta({ ui: { label: "Count" } }),
    code: z
      .string()
      .optional()
      .meta({ ui: { label: "Code", expressions: "literal" } }),
    data: z
      .unknown()
      .optional()
      .meta({ ui: { label: "Data" } }),
  }),
  provides: ["tool"],
  describe: () => "",
  output: () => ({ type: "object", properties: { text, count: { type: "number" } }, required: ["text"] }),
});

const strict = defineNode({
  type: "strict",
  name: "Strict",
  category: "transform",
  icon: "ruler",
  summary: "",
  docs: "",
  params: z.object({
    title: z
      .string("fill this in")
      .min(1, "fill this in")
      .meta({ ui: { label: "Title" } }),
    level: z
      .enum(["low", "high"])
      .default("low")
      .meta({ ui: { label: "Level", expressions: "literal" } }),
    coerced: z.coerce
      .number()
      .optional()
      .meta({ ui: { label: "Coerced" } }),
  }),
  inputs: () => [{ name: "in", schema: { type: "object", properties: { text }, required: ["text"] } }],
  describe: () => "",
  output: () => ({ type: "number" }),
});

const choice = defineNode({
  type: "choice",
  name: "Choice",
  category: "logic",
  icon: "split",
  summary: "",
  docs: "",
  params: z.object({
    branches: z
      .array(
        z.object({
          id: z.string().meta({ ui: { label: "Id", expressions: "literal" } }),
          when: z.unknown().meta({ ui: { label: "When" } }),
        }),
      )
      .min(1)
      .meta({ ui: { label: "Branches" } }),
  }),
  // Written carelessly on purpose: it throws for half-filled params.
  outputs: ({ branches }) => [...branches.map(({ id }) => ({ name: id })), { name: "else" }],
  describe: () => "",
});

const model = defineNode({
  type: "model",
  name: "Model",
  category: "model",
  icon: "brain",
  summary: "",
  docs: "",
  params: z.object({
    prompt: z
      .string()
      .optional()
      .meta({ ui: { label: "Prompt" } }),
  }),
  attachments: [
    { name: "tools", label: "Tools", accepts: "tool" },
    { name: "memory", label: "Memory", accepts: "memory", max: 1 },
  ],
  provides: ["tool"],
  describe: () => "",
  output: () => ({ type: "object", properties: { text } }),
});

const memory = defineNode({
  type: "memory",
  name: "Memory",
  category: "memory",
  icon: "disc",
  summary: "",
  docs: "",
  params: z.object({}),
  provides: ["memory"],
  describe: () => "",
});

/** Node types for the tests of this package. */
export const registry: NodeRegistry = new Map(
  [start, task, strict, choice, model, memory].map((definition) => [definition.type, definition as unknown as NodeDefinition]),
);

/** A document from what matters in a test. Names of nodes are their ids. */
export function documentOf(nodes: Record<string, unknown>[], edges: string[] = [], rest: Partial<AgentDocumentInput> = {}): AgentDocument {
  return agentDocument.parse({ nodes: nodes.map((node) => ({ name: node["id"], ...node })), edges: edges.map(edgeOf), ...rest });
}

/** `a -> b`, `a:port -> b:port`, or `tool ~> host:slot` for an attachment. */
export function edgeOf(written: string, index = 0): AgentEdge {
  const [, source, arrow, target] = /^(\S+) (->|~>) (\S+)$/.exec(written)!;
  const end = (place: string, fallback: string): { node: string; port: string } => {
    const [node, port] = place.split(":");
    return { node: node!, port: port ?? fallback };
  };
  return { id: `e${index}`, kind: arrow === "->" ? "flow" : "attachment", source: end(source!, "out"), target: end(target!, "in") };
}
