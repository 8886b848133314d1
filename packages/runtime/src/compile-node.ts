import type { NodeDefinition } from "@heddle/node-kit";
import type { AgentNode } from "@heddle/schema";
import { compileParams } from "./compile-params.ts";
import type { CompiledAttachment, CompiledEdge, CompiledNode, Join, NodeTask } from "./compiled-agent.ts";

/** A {@link CompiledNode} while its surroundings are still being added. */
export type NodeDraft = Omit<CompiledNode, "index" | "incoming" | "outgoing" | "attachments" | "rivals" | "task" | "readsState"> & {
  index: number;
  task: NodeTask;
  readsState: boolean;
  incoming: CompiledEdge[];
  outgoing: CompiledEdge[];
  attachments: CompiledAttachment[];
  rivals: readonly CompiledNode[];
};

/** Compiles what can be said of a node by itself. @throws HeddleError expression_failed, param_invalid */
export function compileNode(node: AgentNode, definition: NodeDefinition): NodeDraft {
  return {
    index: -1,
    id: node.id,
    type: node.type,
    name: node.name,
    node,
    definition,
    task: { kind: definition.control === "sub-agent" ? "sub-agent" : "handler" },
    params: compileParams(node, definition),
    readsState: false,
    outputPorts: Object.freeze(definition.outputs(node.params).map((port) => port.name)),
    firstInput: definition.inputs(node.params)[0]?.name ?? "in",
    incoming: [],
    outgoing: [],
    ...joinOf(node, definition),
    rivals: [],
    attachments: [],
    retry: node.retry,
    timeoutMs: node.timeoutMs ?? definition.timeoutMs,
    onError: node.onError,
    isDisabled: node.isDisabled === true,
    isReply: definition.category === "output",
  };
}

/** Only merges wait in a way of their own. */
function joinOf(node: AgentNode, definition: NodeDefinition): { join: Join; quota: number } {
  const { mode, n } = node.params;
  if (definition.control === "merge") {
    if (mode === "any" || mode === "first") return { join: mode, quota: 1 };
    if (mode === "firstN") return { join: "first", quota: typeof n === "number" && n >= 1 ? n : 1 };
  }
  return { join: "all", quota: Number.POSITIVE_INFINITY };
}
