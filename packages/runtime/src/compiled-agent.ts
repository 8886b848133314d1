import type { AttachmentKind, NodeDefinition } from "@heddle/node-kit";
import type { AgentNode, EachItem, Json, JsonSchema, RetryPolicy, RunLimits, StateField } from "@heddle/schema";
import type { CompiledItems } from "./compile-each.ts";
import type { CompiledParams } from "./compile-params.ts";

/** Nodes that flow edges may connect with one another: those at the top of a document, or inside one container. */
export interface CompiledLevel {
  /** Nodes that take part in the flow, in document order; `index` is the position here. */
  readonly nodes: readonly CompiledNode[];
  /** Nodes without incoming flow. */
  readonly roots: readonly CompiledNode[];
  /** Names that expressions in here read, at any depth: what a round needs to see of what is around it. */
  readonly names: readonly string[];
}

/**
 * A document made ready to run, and the level at its top. Immutable, free of run state, safe to share between runs and to
 * cache by config hash.
 */
export interface CompiledAgent extends CompiledLevel {
  readonly triggers: readonly CompiledNode[];
  /** Handlers that a run may need. */
  readonly handlerTypes: readonly string[];
  /** Values of the document's variables by name; frozen. */
  readonly variables: Readonly<Record<string, Json>>;
  readonly state: readonly StateField[];
  readonly limits: RunLimits;
}

/** One node of a {@link CompiledAgent}, with all that does not depend on the run worked out. */
export interface CompiledNode {
  /** Position in its level; -1 for a node that is only lent to others. */
  readonly index: number;
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly node: AgentNode;
  readonly definition: NodeDefinition;
  readonly task: NodeTask;
  readonly params: CompiledParams;
  /** Whether its expressions, or those of nodes lent to it, read `state`. */
  readonly readsState: boolean;
  readonly outputPorts: readonly string[];
  /** Where what starts a round arrives. */
  readonly firstInput: string;
  readonly incoming: readonly CompiledEdge[];
  readonly outgoing: readonly CompiledEdge[];
  readonly join: Join;
  /** Arrivals after which a node that does not wait for all starts. */
  readonly quota: number;
  /** For `first`: nodes whose every way leads into this one; those still going are given up when it starts. */
  readonly rivals: readonly CompiledNode[];
  readonly attachments: readonly CompiledAttachment[];
  readonly retry: RetryPolicy | undefined;
  readonly timeoutMs: number;
  readonly onError: AgentNode["onError"];
  readonly isDisabled: boolean;
  /** Whether its output becomes the run's, or the round's. */
  readonly isReply: boolean;
}

/** How a node's work is done. */
export type NodeTask =
  | { readonly kind: "handler" }
  /** A container: its body goes round for items or while a condition holds. */
  | { readonly kind: "rounds"; readonly of: "loop" | "map"; readonly body: CompiledLevel }
  /** The node once per item; the body holds the node as it would be without `each`. */
  | { readonly kind: "each"; readonly each: EachItem; readonly items: CompiledItems; readonly body: CompiledLevel }
  /** Goes back to a node; that one and all that it leads to start anew. */
  | { readonly kind: "goto"; readonly target: CompiledNode | undefined; readonly restarts: ReadonlySet<CompiledNode> }
  | { readonly kind: "sub-agent" };

export interface CompiledEdge {
  readonly source: CompiledNode;
  readonly sourcePort: string;
  readonly target: CompiledNode;
  readonly targetPort: string;
}

export interface CompiledAttachment {
  readonly slot: string;
  readonly kind: AttachmentKind;
  readonly node: CompiledNode;
  /** How a tool presents itself to a model. */
  readonly face: { name: string; description: string; parameters: JsonSchema };
}

/**
 * When a node starts: `all` once every incoming edge is resolved (a value arrived or its branch was pruned), `any` once its
 * quota has arrived, `first` likewise, giving up the other branches.
 */
export type Join = "all" | "any" | "first";

/** The port by which a failed node is left when its policy is `branch`. */
export const ERROR_PORT = "error";

/** The port that a go-to's record names when it went back. No edge leaves by it. */
export const JUMP_PORT = "jump";
