import type { AttachmentKind, NodeDefinition } from "@heddle/node-kit";
import type { AgentNode, Json, JsonSchema, RetryPolicy, RunLimits } from "@heddle/schema";
import type { CompiledParams } from "./compile-params.ts";

/** A document made ready to run. Immutable, free of run state, safe to share between runs and to cache by config hash. */
export interface CompiledAgent {
  /** Nodes that flow edges reach, in document order; `index` is the position here. */
  readonly nodes: readonly CompiledNode[];
  /** Nodes without incoming flow: the triggers, and what nothing leads to. */
  readonly roots: readonly CompiledNode[];
  readonly triggers: readonly CompiledNode[];
  /** Handlers that a run may need. */
  readonly handlerTypes: readonly string[];
  /** Values of the document's variables by name; frozen. */
  readonly variables: Readonly<Record<string, Json>>;
  readonly limits: RunLimits;
}

/** One node of a {@link CompiledAgent}, with all that does not depend on the run worked out. */
export interface CompiledNode {
  /** Position among the scheduled nodes; -1 for a node that is only lent to others. */
  readonly index: number;
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly node: AgentNode;
  readonly definition: NodeDefinition;
  readonly params: CompiledParams;
  readonly outputPorts: readonly string[];
  readonly incoming: readonly CompiledEdge[];
  readonly outgoing: readonly CompiledEdge[];
  readonly join: Join;
  /** For `first`: nodes whose every way leads into this one; those still going are given up when it starts. */
  readonly rivals: readonly CompiledNode[];
  readonly attachments: readonly CompiledAttachment[];
  readonly retry: RetryPolicy | undefined;
  readonly timeoutMs: number;
  readonly isDisabled: boolean;
  /** Whether its output becomes the run's. */
  readonly isReply: boolean;
}

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
 * When a node starts: `all` once every incoming edge is resolved (a value arrived or its branch was pruned), `any` at the
 * first arrival, `first` likewise, giving up the other branches.
 */
export type Join = "all" | "any" | "first";

/** The port by which a failed node is left when its policy is `branch`. */
export const ERROR_PORT = "error";
