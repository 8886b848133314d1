import { suggest } from "@heddle/expression";
import { type AgentNode, type Problem, RESERVED_IDENTIFIERS } from "@heddle/schema";
import { type AgentGraph, isOnlyLent, isTrigger, nodeLabel } from "./agent-graph.ts";
import type { Ancestors } from "./ancestors.ts";
import { checkParams } from "./check-params.ts";
import { findComponents } from "./components.ts";

/** Keys that expressions refuse to read. */
const FORBIDDEN_KEYS = ["__proto__", "constructor", "prototype"];
/** With these go the words that JavaScript's grammar keeps for itself: no expression could name such a node. */
const UNSPEAKABLE = new Set([
  ...FORBIDDEN_KEYS,
  ...(
    "await break case catch class const continue debugger default delete do else enum export extends finally for function if implements " +
    "import in instanceof interface let new package private protected public return static super switch this throw try typeof var void " +
    "while with yield arguments eval"
  ).split(" "),
]);

/** True for names that no node may have as its id. */
export function isReservedName(name: string): boolean {
  return RESERVED_IDENTIFIERS.includes(name) || UNSPEAKABLE.has(name);
}

/** True for names that expressions refuse to read, whatever they are the names of. */
export function isUnreadable(name: string): boolean {
  return FORBIDDEN_KEYS.includes(name);
}

/** Checks what each node says about itself. */
export function checkNodes(graph: AgentGraph): Problem[] {
  const problems: Problem[] = [];
  for (const [index, node] of graph.nodes.entries()) {
    if (graph.indexOf.get(node.id) !== index) {
      problems.push(
        nodeProblem(node, "duplicate_id", `Two nodes have the id \`${node.id}\`, so expressions can't tell them apart. Rename one.`, "id"),
      );
    }
    if (isReservedName(node.id)) {
      problems.push(nodeProblem(node, "reserved_id", `\`${node.id}\` has a meaning of its own in expressions. Rename the node.`, "id"));
    }
    const definition = graph.definitions[index];
    if (definition === undefined) {
      const near = suggest(node.type, graph.registry.keys());
      const advice = near === undefined ? "Replace or remove the node." : `Did you mean \`${near}\`?`;
      problems.push(nodeProblem(node, "unknown_node_type", `There is no node type \`${node.type}\`. ${advice}`, "type"));
      continue;
    }
    if (node.typeVersion > definition.version) {
      const message = `${nodeLabel(node)} was made for version ${node.typeVersion} of ${definition.name}, and this is version ${definition.version}. Update Heddle, or add the node anew.`;
      problems.push(nodeProblem(node, "node_too_new", message, "typeVersion"));
    }
    const parameters = node.tool?.parameters;
    if (parameters !== undefined && parameters.type !== "object") {
      problems.push(
        nodeProblem(
          node,
          "invalid_tool",
          `The arguments of ${nodeLabel(node)} as a tool must be an object schema. Set its type to "object".`,
          "tool.parameters",
        ),
      );
    }
    problems.push(...checkParams(node, definition));
  }
  return problems;
}

/** Checks the shape of the whole: a start, no way in a circle, nothing left aside. */
export function checkShape(graph: AgentGraph, ancestors: Ancestors): Problem[] {
  const problems: Problem[] = [];
  const triggers = graph.nodes.flatMap((_, index) => (isTrigger(graph, index) ? [index] : []));
  if (triggers.length === 0) {
    problems.push({ code: "no_trigger", severity: "error", message: "Nothing can start this agent. Add a trigger, such as Chat or API." });
  }
  for (const members of ancestors.cycles) problems.push(cycleProblem(graph, members, "These nodes lead to one another in a circle"));
  const attachments = findComponents(graph.lentTo.map((hosts) => hosts.map(({ host }) => host)));
  for (const members of attachments) {
    if (members.length > 1) problems.push(cycleProblem(graph, members, "These nodes are attached to one another in a circle"));
  }
  if (triggers.length > 0) problems.push(...unreachableNodes(graph, triggers));
  return problems;
}

function cycleProblem(graph: AgentGraph, members: readonly number[], what: string): Problem {
  const shown = members.slice(0, 5).map((index) => nodeLabel(graph.nodes[index]!));
  const names = members.length > 5 ? `${shown.join(", ")} and ${members.length - 5} more` : shown.join(", ");
  return { ...nodeProblem(graph.nodes[members[0]!]!, "cycle", `${what}: ${names}. Remove one of the connections.`) };
}

function unreachableNodes(graph: AgentGraph, triggers: number[]): Problem[] {
  const isReached = new Uint8Array(graph.nodes.length);
  const guests: number[][] = graph.nodes.map(() => []);
  for (const [guest, hosts] of graph.lentTo.entries()) for (const { host } of hosts) guests[host]!.push(guest);
  const pending = [...triggers];
  for (const index of triggers) isReached[index] = 1;
  while (pending.length > 0) {
    const index = pending.pop()!;
    for (const next of [...graph.flowTo[index]!, ...guests[index]!, ...beginningsIn(graph, index)]) {
      if (isReached[next] === 1) continue;
      isReached[next] = 1;
      pending.push(next);
    }
  }
  return graph.nodes.flatMap((node, index): Problem[] =>
    // A second node of the same id is a problem of its own, and edges can't mean it.
    isReached[index] === 1 || graph.indexOf.get(node.id) !== index
      ? []
      : [
          {
            ...nodeProblem(node, "unreachable", `No way leads from a trigger to ${nodeLabel(node)}. Connect it, or remove it.`),
            severity: "warning",
          },
        ],
  );
}

/** The nodes with which the rounds of a container begin. */
function beginningsIn(graph: AgentGraph, index: number): number[] {
  return graph.childrenOf[index]!.filter((child) => graph.flowFrom[child]!.length === 0 && !isOnlyLent(graph, child));
}

/** Checks the document's variables. */
export function checkVariables(graph: AgentGraph): Problem[] {
  const names = new Set<string>();
  return graph.document.variables.flatMap((variable, position): Problem[] => {
    const problems: Problem[] = [];
    const field = `variables.${position}.name`;
    if (names.has(variable.name)) {
      problems.push({
        code: "duplicate_variable",
        severity: "error",
        message: `Two variables are called \`${variable.name}\`. Rename one.`,
        field,
      });
    }
    if (isUnreadable(variable.name)) {
      problems.push({
        code: "reserved_id",
        severity: "error",
        message: `No expression may read a variable called \`${variable.name}\`. Rename it.`,
        field,
      });
    }
    names.add(variable.name);
    return problems;
  });
}

function nodeProblem(node: AgentNode, code: string, message: string, field?: string): Problem {
  return { code, severity: "error", message, nodeId: node.id, ...(field === undefined ? {} : { field }) };
}
