import {
  defineNode,
  type HandlerRegistry,
  type NodeDefinition,
  type NodeHandler,
  type NodeRegistry,
  type StepContext,
  type StepResult,
} from "@heddle/node-kit";
import { agentDocument, type AgentDocument, type AgentDocumentInput } from "@heddle/schema";
import { z } from "zod";

/** What a scripted node does when it runs. */
export type Script = (context: StepContext) => Promise<StepResult> | StepResult;

const plain = { icon: "box", summary: "Made for tests", docs: "", describe: () => "" } as const;

const start = defineNode({ ...plain, type: "start", name: "Start", category: "trigger", params: z.object({}) });

/** Does what the test's script for its id says; passes its first arrival on where there is none. */
const work = defineNode({
  ...plain,
  type: "work",
  name: "Work",
  category: "tool",
  params: z.object({
    inputs: z.array(z.string()).optional(),
    ports: z.array(z.string()).default(["out"]),
    value: z.json().optional(),
    count: z.number().optional(),
    literal: z
      .string()
      .optional()
      .meta({ ui: { label: "Literal", expressions: "literal" } }),
    rows: z.array(z.object({ name: z.string().meta({ ui: { label: "Name", expressions: "literal" } }), value: z.json() })).optional(),
  }),
  inputs: (params) => (params.inputs ?? ["in"]).map((name) => ({ name })),
  outputs: (params) => (params.ports ?? ["out"]).map((name) => ({ name })),
  attachments: [
    { name: "tools", label: "Tools", accepts: "tool" },
    { name: "memory", label: "Memory", accepts: "memory" },
  ],
  provides: ["tool", "memory"],
  hasSideEffects: true,
});

const merge = defineNode({
  ...plain,
  type: "merge",
  name: "Merge",
  category: "logic",
  control: "merge",
  params: z.object({ mode: z.enum(["all", "any", "first", "firstN", "byKey"]).default("all"), n: z.number().optional() }),
});

const policies = { onItemError: z.enum(["fail", "continue"]).default("fail"), collect: z.boolean().default(true) };

const loop = defineNode({
  ...plain,
  type: "loop",
  name: "Loop",
  category: "logic",
  control: "loop",
  params: z.object({
    mode: z.enum(["forEach", "while", "count"]).default("forEach"),
    items: z.unknown().optional(),
    condition: z.unknown().optional(),
    count: z.unknown().optional(),
    maxIterations: z.number().default(1_000),
    ...policies,
  }),
});

const map = defineNode({
  ...plain,
  type: "map",
  name: "Map",
  category: "logic",
  control: "map",
  params: z.object({ items: z.unknown().optional(), concurrency: z.number().default(5), ...policies }),
});

const goto = defineNode({
  ...plain,
  type: "goto",
  name: "Go to",
  category: "logic",
  control: "goto",
  params: z.object({
    target: z.string().meta({ ui: { label: "Target", expressions: "literal" } }),
    maxJumps: z.number().default(10),
  }),
  outputs: () => [{ name: "exhausted" }],
});

const subAgent = defineNode({
  ...plain,
  type: "sub-agent",
  name: "Agent",
  category: "logic",
  control: "sub-agent",
  params: z.object({ agentId: z.string(), input: z.json().optional() }),
  provides: ["tool"],
});

const reply = defineNode({
  ...plain,
  type: "reply",
  name: "Reply",
  category: "output",
  params: z.object({ value: z.json().optional() }),
});

/** Node types for tests of what runs documents: `start`, `work`, `reply`, `merge`, and those that the runtime carries out. */
export const scriptedRegistry: NodeRegistry = new Map(
  [start, work, merge, reply, loop, map, goto, subAgent].map((definition) => [definition.type, definition as unknown as NodeDefinition]),
);

/** Handlers for {@link scriptedRegistry}; `scripts` says what each `work` node does, by node id. */
export function scriptedHandlers(scripts: Record<string, Script> = {}): HandlerRegistry {
  const passOn = (context: StepContext): StepResult => ({ output: context.params.value ?? firstArrival(context) }) as StepResult;
  const handlers: Record<string, NodeHandler> = {
    start: { run: (context) => ({ output: context.input }) },
    work: { run: (context) => (scripts[nodeIdOf(context)] ?? passOn)(context) },
    merge: {
      run: (context) => {
        const arrivals = context.arrivals.in ?? [];
        if (context.params.mode === "firstN") return { output: arrivals.map(({ value }) => value) };
        if (context.params.mode !== "all") return { output: firstArrival(context) };
        return { output: { branches: Object.fromEntries(arrivals.map(({ nodeId, value }) => [nodeId, value])) } };
      },
    },
    reply: { run: passOn },
  };
  return async (type) => handlers[type];
}

/** The node that a context belongs to, read from its idempotency key. */
export function nodeIdOf(context: StepContext): string {
  const key = context.idempotencyKey.slice(context.idempotencyKey.indexOf(":") + 1);
  const last = key.slice(key.lastIndexOf("/") + 1);
  return last.startsWith("tool:") ? last.slice(last.lastIndexOf(":") + 1) : last.slice(0, last.indexOf("#"));
}

function firstArrival(context: StepContext): StepResult["output"] {
  return Object.values(context.arrivals)[0]?.[0]?.value ?? context.input;
}

type NodeInput = Partial<AgentDocumentInput["nodes"][number]>;

/**
 * A document in short: nodes by id (type `work` unless said otherwise) and edges such as `a>b`, `a.yes>b`, `a>b.left`, or
 * `lookup~answer.tools` for an attachment.
 */
export function documentOf(
  nodes: Record<string, NodeInput>,
  edges: string[],
  rest: Partial<Omit<AgentDocumentInput, "nodes" | "edges">> = {},
): AgentDocument {
  return agentDocument.parse({
    ...rest,
    nodes: Object.entries(nodes).map(([id, node]) => ({ id, name: id, type: id === "start" ? "start" : "work", ...node })),
    edges: edges.map((text) => {
      const [source = "", target = ""] = text.split(/[>~]/);
      const [sourceNode, sourcePort] = source.split(".");
      const [targetNode, targetPort] = target.split(".");
      return {
        id: text,
        kind: text.includes("~") ? "attachment" : "flow",
        source: { node: sourceNode, ...(sourcePort === undefined ? {} : { port: sourcePort }) },
        target: { node: targetNode, ...(targetPort === undefined ? {} : { port: targetPort }) },
      };
    }),
  });
}
