import type { JsonSchema } from "@heddle/schema";
import type { z } from "zod";
import type { NodeControl } from "./control.ts";

export type NodeCategory = "trigger" | "model" | "knowledge" | "tool" | "logic" | "transform" | "memory" | "output";

/** What a node can lend to another through an attachment edge. */
export type AttachmentKind = "tool" | "memory" | "knowledge" | "model";

/** A named place where flow edges arrive or leave. */
export interface FlowPort {
  name: string;
  /** What people read beside the handle; absent for the only port of its side. */
  label?: string;
  /** What the port carries or accepts; absent means anything. */
  schema?: JsonSchema;
}

/** A place where other nodes can be attached. */
export interface AttachmentSlot {
  name: string;
  label: string;
  accepts: AttachmentKind;
  /** Absent means any number. */
  max?: number;
}

/** How the inspector shows a param. Put on a zod field with `.meta({ ui: { … } satisfies FieldHint })`. */
export interface FieldHint {
  label: string;
  help?: string;
  placeholder?: string;
  control?:
    | "text"
    | "textarea"
    | "number"
    | "slider"
    | "select"
    | "switch"
    | "code"
    | "json"
    | "schema"
    | "keyValue"
    | "list"
    | "credential"
    | "dataset"
    | "knowledgeBase"
    | "chatModel"
    /** Id of an agent of the workspace. */
    | "agent"
    /** Id of a node of the same level that leads to this one. */
    | "node"
    /** Name of one of the document's state values. */
    | "state"
    | "cron"
    /** An IANA time zone. */
    | "timeZone";
  /**
   * Whether and when `{{ }}` is evaluated in this field. `template`, the default: before the node runs. `literal`: never.
   * Of a trigger, and by what takes requests in rather than by the run: `arrival` knows `input`, `outcome` is evaluated
   * when the run has ended and knows `input`, `output` and `run`.
   */
  expressions?: "template" | "literal" | "arrival" | "outcome";
  /** Kinds of credential that fit, for `credential`. */
  credentialTypes?: string[];
  /** Choices with labels, for `select` over a zod enum. */
  options?: { value: string; label: string; help?: string }[];
  min?: number;
  max?: number;
  step?: number;
  rows?: number;
  /** Folded away under "More". */
  isAdvanced?: boolean;
  /** Shown only while another param has one of these values. */
  visibleWhen?: { field: string; in: (string | boolean | number)[] };
}

/** The type that a param's value will have, or without a name, that of what arrives; `{}` where nothing is known. */
export type ParamTypes = (param?: string) => JsonSchema;

/**
 * Everything about a node type that the browser, the validator, the docs and the compiler need.
 * It imports no handler and nothing that a browser lacks.
 */
export interface NodeDefinition<P extends z.ZodObject = z.ZodObject> {
  /** Kebab-case, equal to its folder under packages/nodes/src. */
  type: string;
  version: number;
  name: string;
  category: NodeCategory;
  /** Name of a lucide icon, kebab-case. */
  icon: string;
  /** One sentence for the palette. */
  summary: string;
  /** Markdown for the docs page and the inspector's help: what it does, when to use it, an example. */
  docs: string;
  /**
   * A run checks what its expressions may have changed. A field that takes anything (`z.unknown()`) can't have been changed
   * for the worse, so a check on the list or object around it is asked once, before any run, and must not look at it; one on
   * all params together is asked by every run.
   */
  params: P;
  /** Triggers have none. */
  inputs: (params: z.input<P>) => FlowPort[];
  outputs: (params: z.input<P>) => FlowPort[];
  /** Slots that lend this node something. */
  attachments: AttachmentSlot[];
  /** What this node can lend to others. */
  provides: AttachmentKind[];
  /** One line for the card: what the node is set to. Must accept half-filled params. */
  describe: (params: z.input<P>) => string;
  /** JSON Schema of `<id>.output` under these params; drives completion and type checks. */
  output: (params: z.input<P>, typeOf?: ParamTypes) => JsonSchema;
  /** Set on types whose work the runtime does itself: see {@link NodeControl}. */
  control?: NodeControl;
  /** True where running it changes the outside world; test benches and replays ask first. */
  hasSideEffects: boolean;
  /** Default time limit of one try, ms. */
  timeoutMs: number;
}

type Optional = "version" | "inputs" | "outputs" | "attachments" | "provides" | "hasSideEffects" | "timeoutMs" | "output";
/** What an author writes: {@link NodeDefinition} with defaults for the common case of one way in and one way out. */
export type NodeDefinitionInput<P extends z.ZodObject> = Omit<NodeDefinition<P>, Optional> & Partial<Pick<NodeDefinition<P>, Optional>>;

export const DEFAULT_STEP_TIMEOUT_MS = 30_000;

/** Declares a node type. */
export function defineNode<P extends z.ZodObject>(input: NodeDefinitionInput<P>): NodeDefinition<P> {
  return {
    version: 1,
    inputs: () => (input.category === "trigger" ? [] : [{ name: "in" }]),
    outputs: () => [{ name: "out" }],
    attachments: [],
    provides: [],
    hasSideEffects: false,
    timeoutMs: DEFAULT_STEP_TIMEOUT_MS,
    output: () => ({}),
    ...input,
  };
}

/** Looks node types up. The generated registry of packages/nodes is the usual one; tests make their own. */
export type NodeRegistry = ReadonlyMap<string, NodeDefinition>;

/** The hint of a params field; a plain one made from the field's name where the author gave none. */
export function fieldHint(field: z.ZodType, name: string): FieldHint {
  const meta = field.meta() as { ui?: FieldHint } | undefined;
  return meta?.ui ?? { label: name };
}
