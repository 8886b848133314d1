import { applyOperations, renameNode } from "@heddle/graph";
import type { NodeRegistry } from "@heddle/node-kit";
import { type AgentDocument, agentDocument, type AgentEdge, agentEdge, type AgentNode, agentNode } from "@heddle/schema";
import { z } from "zod";
import { edgeIdOf, freshNodeId } from "./fresh-ids.ts";

const clip = z.object({ heddle: z.literal("nodes"), nodes: z.array(agentNode).min(1).max(500), edges: z.array(agentEdge).max(5_000) });
export type Clip = z.infer<typeof clip>;

/** What is copied: the nodes, and the edges between them. */
export function clipOf(nodes: readonly AgentNode[], edges: readonly AgentEdge[]): Clip {
  const ids = new Set(nodes.map((node) => node.id));
  return { heddle: "nodes", nodes: [...nodes], edges: edges.filter((edge) => ids.has(edge.source.node) && ids.has(edge.target.node)) };
}

/** Reads a clip from the clipboard's text; undefined where it holds something else. */
export function readClip(text: string): Clip | undefined {
  try {
    return clip.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/**
 * A clip with ids that are free in the document it goes into, moved by `offset`. Expressions inside the clip follow
 * their nodes to the new ids; what they say about nodes outside stays.
 */
export function pasted(
  source: Clip,
  { taken, offset, registry }: { taken: ReadonlySet<string>; offset: { x: number; y: number }; registry: NodeRegistry },
): { nodes: AgentNode[]; edges: AgentEdge[] } {
  const used = new Set(taken);
  const ids = source.nodes.map((node) => {
    const to = freshNodeId(node.id, used);
    used.add(to);
    return { from: node.id, to };
  });
  const changed = ids.filter(({ from, to }) => from !== to);
  // A new id may be the old one of another node in the clip: all go through names that none has.
  const parked = changed.map(({ from }, index) => ({ from, to: `pasting_${index}_${from}`.slice(0, 64) }));
  const named = parked.map(({ to: from }, index) => ({ from, to: changed[index]?.to ?? from }));
  const start: AgentDocument = agentDocument.parse({ nodes: source.nodes, edges: source.edges });
  const { nodes, edges } = [...parked, ...named].reduce(
    (document, rename) => applyOperations(document, renameNode(document, registry, rename)).document,
    start,
  );
  return {
    nodes: nodes.map(({ parent, ...node }) => ({
      ...node,
      // A container that is neither in the clip nor in the document holds nothing.
      ...(parent !== undefined && (used.has(parent) || taken.has(parent)) ? { parent } : {}),
      position: { x: node.position.x + offset.x, y: node.position.y + offset.y },
    })),
    edges: edges.map((edge) => ({ ...edge, id: edgeIdOf(edge) })),
  };
}
