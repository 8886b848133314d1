import { defineNode, type NodeDefinition, type NodeRegistry } from "@heddle/node-kit";
import { type AgentDocument, agentDocument, type AgentDocumentInput, type AgentEdge, isRecord, type JsonSchema } from "@heddle/schema";
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

const list = z
  .unknown()
  .optional()
  .meta({ ui: { label: "List" } });
const rounds = (items: JsonSchema): JsonSchema => ({
  type: "object",
  properties: { items: { type: "array", items }, count: { type: "integer" }, failed: { type: "integer" } },
  required: ["items", "count", "failed"],
});

const loop = defineNode({
  type: "loop",
  name: "Loop",
  category: "logic",
  icon: "repeat",
  summary: "",
  docs: "",
  params: z.object({
    mode: z
      .enum(["forEach", "while", "count"])
      .default("forEach")
      .meta({ ui: { label: "Mode", expressions: "literal" } }),
    items: list,
    condition: list,
    onItemError: z
      .enum(["fail", "continue"])
      .default("fail")
      .meta({ ui: { label: "On error", expressions: "literal" } }),
    collect: z
      .boolean()
      .default(true)
      .meta({ ui: { label: "Collect" } }),
  }),
  describe: () => "",
  output: ({ collect }) =>
    collect === false ? { ...rounds({}), properties: { ...rounds({}).properties, items: { type: "array", maxItems: 0 } } } : rounds({}),
  control: "loop",
});

const map = defineNode({
  type: "map",
  name: "Map",
  category: "logic",
  icon: "layers",
  summary: "",
  docs: "",
  params: z.object({ items: list }),
  describe: () => "",
  output: () => rounds({}),
  control: "map",
});

const goto = defineNode({
  type: "goto",
  name: "Go back",
  category: "logic",
  icon: "undo",
  summary: "",
  docs: "",
  params: z.object({
    target: z
      .string("fill this in")
      .min(1, "fill this in")
      .meta({ ui: { label: "Back to", control: "node", expressions: "literal" } }),
  }),
  outputs: () => [{ name: "exhausted" }],
  describe: () => "",
  control: "goto",
});

const join = defineNode({
  type: "join",
  name: "Join",
  category: "logic",
  icon: "merge",
  summary: "",
  docs: "",
  params: z.object({}),
  describe: () => "",
  output: (_params, typeOf) => typeOf?.() ?? {},
  control: "merge",
});

const assign = defineNode({
  type: "assign",
  name: "Assign",
  category: "logic",
  icon: "variable",
  summary: "",
  docs: "",
  params: z.object({
    updates: z
      .array(
        z.object({
          name: z.string().meta({ ui: { label: "State", control: "state", expressions: "literal" } }),
          value: z.unknown().meta({ ui: { label: "Value" } }),
        }),
      )
      .meta({ ui: { label: "Updates" } }),
  }),
  describe: () => "",
});

/** Gives the items of its list on, and one of them. */
const pick = defineNode({
  type: "pick",
  name: "Pick",
  category: "transform",
  icon: "list",
  summary: "",
  docs: "",
  params: z.object({ items: list }),
  describe: () => "",
  output: (_params, typeOf) => {
    const items = typeOf?.("items") ?? {};
    return { type: "object", properties: { items, first: isRecord(items.items) ? items.items : {} }, required: ["items", "first"] };
  },
});

const answer = defineNode({
  type: "answer",
  name: "Answer",
  category: "output",
  icon: "reply",
  summary: "",
  docs: "",
  params: z.object({ text: list }),
  describe: () => "",
  output: () => text,
});

/** A trigger whose answer is written when the run has ended. */
const hook = defineNode({
  type: "hook",
  name: "Hook",
  category: "trigger",
  icon: "webhook",
  summary: "",
  docs: "",
  params: z.object({
    key: z
      .string()
      .optional()
      .meta({ ui: { label: "Key", expressions: "arrival" } }),
    body: z
      .unknown()
      .optional()
      .meta({ ui: { label: "Body", expressions: "outcome" } }),
  }),
  describe: () => "",
  output: () => ({ type: "object", properties: { body: text }, required: ["body"] }),
});

/** Node types for the tests of this package. */
export const registry: NodeRegistry = new Map(
  [start, task, strict, choice, model, memory, loop, map, goto, join, assign, pick, answer, hook].map((definition) => [
    definition.type,
    definition as unknown as NodeDefinition,
  ]),
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
