import type { AgentDocument, AgentEdge, AgentNode, Json } from "@heddle/schema";

/** One field that differs. A side is undefined where the field is not there. */
export interface FieldChange {
  /** Path inside the node, edge or document: `params.branches.0.when`. */
  field: string;
  before: Json | undefined;
  after: Json | undefined;
}

/** What differs between two documents. Nodes and edges are matched by id. */
export interface DocumentDiff {
  nodes: { added: AgentNode[]; removed: AgentNode[]; changed: { id: string; name: string; changes: FieldChange[] }[] };
  edges: { added: AgentEdge[]; removed: AgentEdge[]; changed: { id: string; changes: FieldChange[] }[] };
  /** Variables, state, settings, notes and groups. */
  document: FieldChange[];
  /** True where nothing differs that a run could notice: only positions, names, notes and groups. */
  isCosmetic: boolean;
}

/** Compares two versions of an agent, field by field. */
export function diffDocuments(before: AgentDocument, after: AgentDocument): DocumentDiff {
  const nodes = diffLists(before.nodes, after.nodes);
  const edges = diffLists(before.edges, after.edges);
  const rest = (["variables", "state", "settings", "notes", "groups"] as const).flatMap((field) =>
    diffValues(before[field] as unknown as Json | undefined, after[field] as unknown as Json | undefined, field),
  );
  return {
    nodes: { ...nodes, changed: nodes.changed.map(({ item, changes }) => ({ id: item.id, name: item.name, changes })) },
    edges: { ...edges, changed: edges.changed.map(({ item, changes }) => ({ id: item.id, changes })) },
    document: rest,
    isCosmetic:
      nodes.added.length + nodes.removed.length + edges.added.length + edges.removed.length + edges.changed.length === 0 &&
      nodes.changed.every(({ changes }) => changes.every(({ field }) => /^(?:position|name)(?:\.|$)/.test(field))) &&
      rest.every(({ field }) => /^(?:notes|groups)(?:\.|$)/.test(field)),
  };
}

function diffLists<T extends { id: string }>(
  before: T[],
  after: T[],
): { added: T[]; removed: T[]; changed: { item: T; changes: FieldChange[] }[] } {
  const old = new Map(before.map((item) => [item.id, item]));
  const now = new Set(after.map(({ id }) => id));
  const changed = after.flatMap((item) => {
    const previous = old.get(item.id);
    const changes = previous === undefined ? [] : diffValues(previous as unknown as Json, item as unknown as Json, "");
    return changes.length === 0 ? [] : [{ item, changes }];
  });
  return { added: after.filter(({ id }) => !old.has(id)), removed: before.filter(({ id }) => !now.has(id)), changed };
}

/** Fields that differ inside two values. A list whose length changed counts as one change. */
function diffValues(before: Json | undefined, after: Json | undefined, path: string): FieldChange[] {
  if (before === after) return [];
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    return before.flatMap((item, index) => diffValues(item, after[index], join(path, index)));
  }
  if (isFields(before) && isFields(after)) {
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...names].flatMap((name) => diffValues(own(before, name), own(after, name), join(path, name)));
  }
  return Array.isArray(before) && Array.isArray(after) && JSON.stringify(before) === JSON.stringify(after)
    ? []
    : [{ field: path, before, after }];
}

function own(fields: { [key: string]: Json }, name: string): Json | undefined {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

function isFields(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function join(path: string, key: string | number): string {
  return path === "" ? String(key) : `${path}.${key}`;
}
