import { z } from "zod";
import { json, jsonSchema } from "./json.ts";

/** The schema version that this build writes. Older documents are migrated forward on read. */
export const CURRENT_SCHEMA_VERSION = 1;

/** What a node, port or variable may be called in an expression. */
export const identifier = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, "use letters, digits and _, starting with a letter (64 at most)");

/** Names that expressions give a meaning of their own, so no node may take them as its id. */
export const RESERVED_IDENTIFIERS: readonly string[] = [
  "input",
  "variables",
  "run",
  "item",
  "index",
  "state",
  "args",
  "true",
  "false",
  "null",
  "undefined",
];

/** How often and how fast a failing node is tried again. Delays are in ms. */
export const retryPolicy = z.object({
  /** Tries in all, the first one included. */
  maxAttempts: z.number().int().min(1).max(10),
  initialDelayMs: z.number().int().min(0).max(100_000).default(1_000),
  factor: z.number().min(1).max(10).default(2),
  maxDelayMs: z.number().int().min(0).max(100_000).default(100_000),
});
export type RetryPolicy = z.infer<typeof retryPolicy>;

/** `fail` ends the run, `continue` goes on with `{error}` as the output, `branch` leaves by the `error` port. */
export const onErrorPolicy = z.enum(["fail", "continue", "branch"]);

/** How a node presents itself to a model when it is attached as a tool. */
export const toolFace = z.object({
  /** What the model calls it; the node's id when absent. */
  name: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/)
    .optional(),
  description: z.string().min(1).max(2_000),
  /** JSON Schema of the arguments; they are `args` in the node's expressions. */
  parameters: jsonSchema.default({ type: "object", properties: {} }),
});

/** What a failed item or round does to the whole: `fail` ends it, `continue` puts `{error}` in the item's place. */
export const onItemErrorPolicy = z.enum(["fail", "continue"]);

/** Runs a node once per item of a list; the output is the list of outputs, in the order of the items. */
export const eachItem = z.object({
  /** A template that gives a list. In the node's params, `item` and `index` are the current ones. */
  items: z.union([z.string().min(1), z.array(json)]),
  /** Items under way at a time. */
  concurrency: z.number().int().min(1).max(100).default(5),
  onItemError: onItemErrorPolicy.default("fail"),
});
export type EachItem = z.infer<typeof eachItem>;

export const agentNode = z.object({
  /** Unique in the document; the name by which expressions refer to the node: `{{ triage.output.label }}`. */
  id: identifier,
  /** A registered node type, for example `classify`. */
  type: z.string().min(1).max(64),
  typeVersion: z.number().int().min(1).default(1),
  /** What people read on the card. */
  name: z.string().min(1).max(120),
  position: z.object({ x: z.number(), y: z.number() }).default({ x: 0, y: 0 }),
  /** Raw values; any string in it may hold `{{ expressions }}` unless its field says otherwise. */
  params: z.record(z.string(), json).default({}),
  /** Id of the container (a loop or a map) that the node lives in; absent at the top. Flow edges stay inside. */
  parent: identifier.optional(),
  each: eachItem.optional(),
  retry: retryPolicy.optional(),
  timeoutMs: z.number().int().min(1).max(3_600_000).optional(),
  onError: onErrorPolicy.default("fail"),
  /** When set, test runs of the draft use this value instead of running the node. */
  pinnedOutput: json.optional(),
  /** A disabled node passes its input through. */
  isDisabled: z.boolean().optional(),
  tool: toolFace.optional(),
});
export type AgentNode = z.infer<typeof agentNode>;

/**
 * `flow` carries control and data from an output port to an input port.
 * `attachment` lends a node (a tool, memory, model or knowledge base: the source) to another (the target's slot).
 */
export const edgeKind = z.enum(["flow", "attachment"]);

export const agentEdge = z.object({
  id: z.string().min(1).max(200),
  kind: edgeKind.default("flow"),
  source: z.object({ node: identifier, port: z.string().min(1).max(64).default("out") }),
  target: z.object({ node: identifier, port: z.string().min(1).max(64).default("in") }),
});
export type AgentEdge = z.infer<typeof agentEdge>;

export const agentVariable = z.object({
  name: identifier,
  label: z.string().max(120).optional(),
  description: z.string().max(500).optional(),
  kind: z.enum(["text", "number", "boolean", "json", "dataset", "knowledgeBase", "credential"]).default("text"),
  value: json.default(null),
});
export type AgentVariable = z.infer<typeof agentVariable>;

/**
 * How an update joins the value that is there: `replace` takes its place, `append` adds it to the end of a list, `add` adds
 * it to a number.
 */
export const stateReducer = z.enum(["replace", "append", "add"]);

/** A value that the nodes of one run share: `{{ state.<name> }}`. */
export const stateField = z
  .object({ name: identifier, initial: json.default(null), reducer: stateReducer.default("replace") })
  // What is added to must be something that can be added to; null stands for the empty one.
  .refine(({ initial, reducer }) => reducer !== "append" || initial === null || Array.isArray(initial), {
    path: ["initial"],
    message: "a value that is appended to starts as a list",
  })
  .refine(({ initial, reducer }) => reducer !== "add" || initial === null || typeof initial === "number", {
    path: ["initial"],
    message: "a value that is added to starts as a number",
  });
export type StateField = z.infer<typeof stateField>;

/** Ceilings of one execution; absent means the platform's default. */
export const runLimits = z.object({
  /** Steps in all. When absent, 1,000 outside loops, and those inside have a far ceiling of their own. */
  maxSteps: z.number().int().min(1).max(1_000_000).optional(),
  /** Time that the run works, ms. Time in which it only waits does not count. */
  maxDurationMs: z.number().int().min(100).max(86_400_000).optional(),
  maxTokens: z.number().int().min(1).optional(),
  /** What the run's model calls may cost, US dollars. Calls whose price is not known count as nothing. */
  maxCostUsd: z.number().positive().max(1_000_000).optional(),
  /** Rounds of all loops, maps and nodes that run per item, together. */
  maxIterations: z.number().int().min(1).max(1_000_000).optional(),
});
export type RunLimits = z.infer<typeof runLimits>;

export const agentDocument = z.object({
  schemaVersion: z.literal(CURRENT_SCHEMA_VERSION).default(CURRENT_SCHEMA_VERSION),
  nodes: z.array(agentNode).max(5_000),
  edges: z.array(agentEdge).max(20_000).default([]),
  variables: z.array(agentVariable).max(200).default([]),
  /** Values that the nodes of a run share and change. Absent in agents that have none. */
  state: z.array(stateField).max(100).optional(),
  settings: z.object({ limits: runLimits.default({}) }).default({ limits: {} }),
  notes: z
    .array(
      z.object({
        id: z.string().max(64),
        text: z.string().max(5_000),
        position: z.object({ x: z.number(), y: z.number() }),
        size: z.object({ width: z.number(), height: z.number() }).optional(),
      }),
    )
    .max(200)
    .default([]),
  groups: z
    .array(z.object({ id: z.string().max(64), name: z.string().max(120), nodes: z.array(identifier) }))
    .max(200)
    .default([]),
});

/** A whole agent: what the editor edits, versions store, deployments freeze and the runtime executes. */
export type AgentDocument = z.infer<typeof agentDocument>;
/** The same before defaults are filled in: what people and programs may send. */
export type AgentDocumentInput = z.input<typeof agentDocument>;
