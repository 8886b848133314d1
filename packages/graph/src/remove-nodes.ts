import type { AgentDocument, AgentEdge } from "@heddle/schema";
import type { Operation } from "./operations.ts";

/**
 * The operations that delete nodes with their edges, and edges by themselves. A container takes with it all that lives in
 * it, as a folder does; {@link dissolveContainer} keeps what is inside. Undone as one.
 */
export function removeNodes(
  document: AgentDocument,
  { nodes, edges = new Set() }: { nodes: ReadonlySet<string>; edges?: ReadonlySet<string> },
): Operation[] {
  const gone = withInsides(document, nodes);
  const lost = document.edges.filter(({ id, source, target }) => edges.has(id) || gone.has(source.node) || gone.has(target.node));
  const groups = document.groups.map((group) => ({ ...group, nodes: group.nodes.filter((id) => !gone.has(id)) }));
  const touchesGroups = groups.some((group, index) => group.nodes.length !== document.groups[index]?.nodes.length);
  return [
    ...lost.map((edge): Operation => ({ type: "edge.remove", edge, index: document.edges.indexOf(edge) })),
    ...(touchesGroups ? [{ type: "groups.set" as const, before: document.groups, after: groups }] : []),
    ...document.nodes.flatMap((node, index): Operation[] => (gone.has(node.id) ? [{ type: "node.remove", node, index }] : [])),
  ];
}

/** The ids of nodes and of everything that lives in them, however deep. */
export function withInsides(document: AgentDocument, ids: Iterable<string>): Set<string> {
  const inside = Map.groupBy(document.nodes, ({ parent }) => parent);
  const found = new Set(ids);
  for (const id of found) for (const child of inside.get(id) ?? []) found.add(child.id);
  return found;
}

/**
 * The operations that delete a container and keep what lives in it, one level up: what led to the container leads to the
 * nodes with which its rounds began, and what followed it follows those with which they ended.
 */
export function dissolveContainer(document: AgentDocument, id: string): Operation[] {
  const container = document.nodes.find((node) => node.id === id);
  if (container === undefined) return [];
  const children = document.nodes.filter(({ parent }) => parent === id);
  const lifted = children.map(({ id: child }): Operation => {
    const before = { parent: id };
    return {
      type: "node.update",
      id: child,
      before,
      after: container.parent === undefined ? { unset: ["parent"] } : { parent: container.parent },
    };
  });
  return [...lifted, ...removeNodes(withoutParents(document, id), { nodes: new Set([id]) }), ...bridges(document, id)];
}

/** The document as it is once nothing lives in the container any more. */
function withoutParents(document: AgentDocument, id: string): AgentDocument {
  return {
    ...document,
    nodes: document.nodes.map((node) => {
      const { parent, ...rest } = node;
      return parent === id ? rest : node;
    }),
  };
}

function bridges(document: AgentDocument, id: string): Operation[] {
  const flows = document.edges.filter(({ kind }) => kind === "flow");
  const isLent = (node: string): boolean => document.edges.some(({ kind, source }) => kind === "attachment" && source.node === node);
  const leadsOn = new Set(flows.map(({ source }) => source.node));
  const isLedTo = new Set(flows.map(({ target }) => target.node));
  const inside = document.nodes.filter(
    ({ id: child, parent }) => parent === id && (leadsOn.has(child) || isLedTo.has(child) || !isLent(child)),
  );
  const first = inside.filter((node) => !isLedTo.has(node.id));
  const last = inside.filter((node) => !leadsOn.has(node.id));
  const incoming = flows.filter(({ target }) => target.node === id);
  const outgoing = flows.filter(({ source }) => source.node === id);
  const wanted: Pick<AgentEdge, "source" | "target">[] = [
    ...incoming.flatMap(({ source }) => first.map((node) => ({ source, target: { node: node.id, port: "in" } }))),
    ...outgoing.flatMap(({ target }) => last.map((node) => ({ source: { node: node.id, port: "out" }, target }))),
  ];
  const taken = new Set(document.edges.map((edge) => edge.id));
  return wanted.map(({ source, target }): Operation => {
    let edgeId = `f:${source.node}.${source.port}>${target.node}.${target.port}`.slice(0, 190);
    while (taken.has(edgeId)) edgeId += "_";
    taken.add(edgeId);
    return { type: "edge.add", edge: { id: edgeId, kind: "flow", source, target } };
  });
}
