import { validateDocument } from "@heddle/graph";
import type { NodeRegistry } from "@heddle/node-kit";
import { HeddleError, toErrorInfo, type AgentDocument, type AgentEdge, type AgentNode, type Json, type Problem } from "@heddle/schema";
import { compileEach } from "./compile-each.ts";
import { compileLevels } from "./compile-levels.ts";
import { compileNode, type NodeDraft } from "./compile-node.ts";
import type { CompiledAgent, CompiledEdge } from "./compiled-agent.ts";
import { deepFreeze } from "./deep-freeze.ts";

/**
 * Makes a document ready to run: types resolved, params compiled, edges turned into references. Pure; callers cache the
 * result by config hash.
 * @throws HeddleError document_invalid with all problems
 */
export function compileAgent(source: AgentDocument, registry: NodeRegistry): CompiledAgent {
  refuse(validateDocument(source, registry).filter((problem) => problem.severity === "error"));
  // Parts of it are frozen below, which must not reach the caller's own.
  const document = structuredClone(source);
  const scheduled = scheduledNodes(document, registry);
  const problems: Problem[] = [];
  const byId = new Map<string, NodeDraft>();
  for (const node of document.nodes) {
    const definition = registry.get(node.type);
    if (definition === undefined) {
      problems.push({ code: "unknown_node_type", severity: "error", message: `There is no node type "${node.type}".`, nodeId: node.id });
      continue;
    }
    try {
      byId.set(node.id, compileNode(node, definition));
      if (node.each !== undefined) compileEach(node.each);
    } catch (error) {
      problems.push(asProblem(error, node));
    }
  }
  refuse(problems);

  for (const edge of document.edges) connect(edge, byId);
  const top = compileLevels([...byId.values()].filter((node) => scheduled.has(node.id)));
  const triggers = top.nodes.filter((node) => node.definition.category === "trigger");
  if (triggers.length === 0) {
    refuse([
      {
        code: "no_trigger",
        severity: "error",
        message: "The agent has no trigger, so nothing can start it. Add a chat, API or webhook trigger.",
      },
    ]);
  }
  return {
    ...top,
    triggers,
    // A merge is waited for by the runtime and shaped by its handler; all else with a control has none.
    handlerTypes: [...new Set([...byId.values()].filter(hasHandler).map((node) => node.type))],
    variables: deepFreeze(Object.fromEntries(document.variables.map(({ name, value }) => [name, value] as [string, Json]))),
    state: deepFreeze(document.state ?? []),
    limits: document.settings.limits,
  };
}

function hasHandler({ definition }: NodeDraft): boolean {
  return definition.control === undefined || definition.control === "merge";
}

function connect(edge: AgentEdge, byId: ReadonlyMap<string, NodeDraft>): void {
  const source = byId.get(edge.source.node);
  const target = byId.get(edge.target.node);
  if (source === undefined || target === undefined) return;
  if (edge.kind === "flow") {
    const compiled: CompiledEdge = { source, sourcePort: edge.source.port, target, targetPort: edge.target.port };
    source.outgoing.push(compiled);
    target.incoming.push(compiled);
    return;
  }
  const slot = target.definition.attachments.find((candidate) => candidate.name === edge.target.port);
  // A disabled node is not lent.
  if (slot === undefined || source.isDisabled) return;
  const { tool } = source.node;
  target.attachments.push({
    slot: slot.name,
    kind: slot.accepts,
    node: source,
    face: {
      name: tool?.name ?? source.id,
      description: tool?.description ?? source.definition.summary,
      parameters: tool?.parameters ?? { type: "object", properties: {} },
    },
  });
}

/** Nodes that take part in the flow. One that is only lent to others runs when they call it. */
function scheduledNodes(document: AgentDocument, registry: NodeRegistry): Set<string> {
  const lent = new Set<string>();
  const flowing = new Set<string>();
  for (const edge of document.edges) {
    if (edge.kind === "attachment") lent.add(edge.source.node);
    else flowing.add(edge.source.node).add(edge.target.node);
  }
  return new Set(
    document.nodes
      .filter((node) => flowing.has(node.id) || !lent.has(node.id) || registry.get(node.type)?.category === "trigger")
      .map((node) => node.id),
  );
}

function asProblem(error: unknown, node: AgentNode): Problem {
  const { code, message, details } = toErrorInfo(error);
  const field = typeof details?.field === "string" ? details.field : "params";
  return {
    code,
    severity: "error",
    message: error instanceof HeddleError ? message : `The settings of "${node.name}" can't be read.`,
    nodeId: node.id,
    field,
  };
}

function refuse(problems: Problem[]): void {
  if (problems.length === 0) return;
  const count = problems.length === 1 ? "one problem" : `${problems.length} problems`;
  throw new HeddleError("document_invalid", `The agent has ${count} that must be mended first: ${problems[0]?.message}`, { problems });
}
