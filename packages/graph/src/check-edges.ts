import { describeWithArticle, suggest } from "@heddle/expression";
import type { AgentEdge, Problem } from "@heddle/schema";
import { type AgentGraph, edgeKey, nodeLabel } from "./agent-graph.ts";
import { isAssignable } from "./is-assignable.ts";
import { carriedSchema, inputPortsOf, outputPortsOf } from "./node-ports.ts";

/** Checks every edge by itself, and what several edges do together. */
export function checkEdges(graph: AgentGraph): Problem[] {
  const problems: Problem[] = [];
  const ids = new Set<string>();
  const places = new Set<string>();
  for (const [position, edge] of graph.document.edges.entries()) {
    if (ids.has(edge.id)) {
      problems.push(
        edgeProblem(edge, "duplicate_edge_id", `Two edges have the id \`${edge.id}\`. Give one of them another.`, `edges.${position}.id`),
      );
    }
    ids.add(edge.id);
    const place = edgeKey(edge);
    if (places.has(place)) {
      problems.push({ ...edgeProblem(edge, "duplicate_edge", "This connection exists twice. Remove one of them."), severity: "warning" });
    }
    places.add(place);
    problems.push(...checkEdge(graph, edge));
  }
  return [...problems, ...checkSlots(graph)];
}

/** What is wrong with one edge, apart from the other edges. */
export function checkEdge(graph: AgentGraph, edge: AgentEdge): Problem[] {
  const missing = [edge.source.node, edge.target.node].filter((id) => !graph.indexOf.has(id));
  if (missing.length > 0) {
    return missing.map((id) =>
      edgeProblem(edge, "missing_node", `This connection leads to \`${id}\`, which does not exist. Remove the connection.`),
    );
  }
  if (edge.kind === "attachment") return checkAttachment(graph, edge);
  return checkBorder(graph, edge) ?? checkFlow(graph, edge);
}

/** Flow stays on its side of a container's border. */
function checkBorder(graph: AgentGraph, edge: AgentEdge): Problem[] | undefined {
  const source = graph.indexOf.get(edge.source.node)!;
  const target = graph.indexOf.get(edge.target.node)!;
  const from = graph.parentOf[source]!;
  const to = graph.parentOf[target]!;
  if (from === to) return undefined;
  const [first, second] = [nodeLabel(graph.nodes[source]!), nodeLabel(graph.nodes[target]!)];
  const crosses = (message: string): Problem[] => [{ ...edgeProblem(edge, "crosses_container", message), nodeId: edge.target.node }];
  if (to === source) return crosses(`${first} starts the nodes inside it by itself. Remove the connection to ${second}.`);
  if (from === target) return crosses(`What ${first} gives reaches ${second} by itself. Remove the connection.`);
  if (from === -1 || isAround(graph, from, to)) {
    const container = nodeLabel(graph.nodes[to]!);
    return crosses(`${second} lives in ${container}, where connections from outside don't lead. Connect ${first} to ${container} instead.`);
  }
  const container = graph.nodes[from]!;
  return crosses(
    `${first} lives in ${nodeLabel(container)}, from where no connection leads out. Connect ${nodeLabel(container)} to ${second}: \`${container.id}.output.items\` has what every round gave.`,
  );
}

/** Whether one container lies somewhere around another. */
function isAround(graph: AgentGraph, outer: number, inner: number): boolean {
  for (let current = inner; current !== -1; current = graph.parentOf[current]!) if (current === outer) return true;
  return false;
}

function checkFlow(graph: AgentGraph, edge: AgentEdge): Problem[] {
  const [source, target] = endsOf(graph, edge);
  if (source.definition === undefined || target.definition === undefined) return [];
  const outputs = outputPortsOf(source.node, source.definition);
  const inputs = inputPortsOf(target.node, target.definition);
  const from = outputs.find((port) => port.name === edge.source.port);
  const to = inputs.find((port) => port.name === edge.target.port);
  const problems: Problem[] = [];
  if (from === undefined)
    problems.push(
      unknownPort(edge, source.node.id, {
        node: source.label,
        side: "output",
        port: edge.source.port,
        names: outputs.map(({ name }) => name),
      }),
    );
  if (to === undefined)
    problems.push(
      unknownPort(edge, target.node.id, {
        node: target.label,
        side: "input",
        port: edge.target.port,
        names: inputs.map(({ name }) => name),
      }),
    );
  if (from === undefined || to === undefined || to.schema === undefined) return problems;
  const given = carriedSchema(source.node, source.definition, from);
  if (!isAssignable(given, to.schema)) {
    const message = `${source.label} gives ${describeWithArticle(given)}, but ${target.label} takes ${describeWithArticle(to.schema)} that fits its own fields. Put a format or extract node between them.`;
    problems.push({ ...edgeProblem(edge, "incompatible_ports", message), nodeId: target.node.id });
  }
  return problems;
}

function checkAttachment(graph: AgentGraph, edge: AgentEdge): Problem[] {
  const [source, target] = endsOf(graph, edge);
  if (source.definition === undefined || target.definition === undefined) return [];
  if (source.node.id === target.node.id) {
    return [{ ...edgeProblem(edge, "cycle", `${source.label} can't be attached to itself.`), nodeId: source.node.id }];
  }
  const slots = target.definition.attachments;
  const slot = slots.find(({ name }) => name === edge.target.port);
  if (slot === undefined) {
    const message =
      slots.length === 0
        ? `Nothing can be attached to ${target.label}. Connect ${source.label} by its ports instead.`
        : `${target.label} has no place called \`${edge.target.port}\`. It takes ${slots.map(({ label }) => label.toLowerCase()).join(", ")}.`;
    return [{ ...edgeProblem(edge, "unknown_slot", message), nodeId: target.node.id }];
  }
  if (source.definition.provides.includes(slot.accepts)) return [];
  const message = `${source.label} can't serve ${target.label} as ${slot.label.toLowerCase()}. Attach a node that can be used as ${slot.accepts}.`;
  return [{ ...edgeProblem(edge, "wrong_attachment", message), nodeId: target.node.id }];
}

function endsOf(graph: AgentGraph, edge: AgentEdge) {
  return [edge.source.node, edge.target.node].map((id) => {
    const index = graph.indexOf.get(id)!;
    const node = graph.nodes[index]!;
    return { node, definition: graph.definitions[index], label: nodeLabel(node) };
  }) as [End, End];
}

interface End {
  node: AgentGraph["nodes"][number];
  definition: AgentGraph["definitions"][number];
  label: string;
}

function unknownPort(
  edge: AgentEdge,
  nodeId: string,
  { node, side, port, names }: { node: string; side: "input" | "output"; port: string; names: string[] },
): Problem {
  const message =
    names.length === 0
      ? `${node} has no ${side}, so nothing can ${side === "input" ? "lead into" : "follow"} it. Remove the connection.`
      : `${node} has no ${side} \`${port}\`. ${adviseName(port, names)}`;
  return { ...edgeProblem(edge, "unknown_port", message), nodeId };
}

function adviseName(name: string, names: string[]): string {
  const near = suggest(name, names);
  return near === undefined ? `Connect it to ${names.map((candidate) => `\`${candidate}\``).join(" or ")}.` : `Did you mean \`${near}\`?`;
}

function edgeProblem(edge: AgentEdge, code: string, message: string, field?: string): Problem {
  return { code, severity: "error", message, edgeId: edge.id, ...(field === undefined ? {} : { field }) };
}

/** Slots that hold too many nodes, and tools of one model that go by the same name. */
function checkSlots(graph: AgentGraph): Problem[] {
  const problems: Problem[] = [];
  const filled = new Map<string, number>();
  const toolNames = new Map<string, string>();
  for (const edge of graph.document.edges) {
    const source = graph.indexOf.get(edge.source.node);
    const target = graph.indexOf.get(edge.target.node);
    if (edge.kind !== "attachment" || source === undefined || target === undefined) continue;
    const slot = graph.definitions[target]?.attachments.find(({ name }) => name === edge.target.port);
    if (slot === undefined) continue;
    const host = graph.nodes[target]!;
    const key = JSON.stringify([host.id, slot.name]);
    const count = (filled.get(key) ?? 0) + 1;
    filled.set(key, count);
    if (slot.max !== undefined && count === slot.max + 1) {
      const message = `${nodeLabel(host)} takes ${slot.max === 1 ? "one" : `at most ${slot.max}`} for ${slot.label.toLowerCase()}. Remove the others.`;
      problems.push({ ...edgeProblem(edge, "too_many_attachments", message), nodeId: host.id });
    }
    if (slot.accepts !== "tool") continue;
    const tool = graph.nodes[source]!;
    const name = tool.tool?.name ?? tool.id;
    const other = toolNames.get(`${key}${name}`);
    if (other !== undefined && other !== tool.id) {
      const message = `Two tools of ${nodeLabel(host)} are called \`${name}\`, so the model can't tell them apart. Rename one.`;
      problems.push({ ...edgeProblem(edge, "duplicate_tool_name", message, "tool.name"), nodeId: tool.id });
    }
    toolNames.set(`${key}${name}`, tool.id);
  }
  return problems;
}
