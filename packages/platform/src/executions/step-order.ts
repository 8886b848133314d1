import type { AgentDocument, StepRecord } from "@heddle/schema";

/** Steps in order of their start. Those of one millisecond, of which there are many, follow the document's edges. */
export function inOrderOfFlow(steps: readonly StepRecord[], document: AgentDocument | undefined): StepRecord[] {
  const ranks = document === undefined ? new Map<string, number>() : rankNodes(document);
  const rankOf = (step: StepRecord) => ranks.get(step.nodeId) ?? Number.MAX_SAFE_INTEGER;
  return steps.toSorted((a, b) => a.startedAt - b.startedAt || rankOf(a) - rankOf(b) || compare(a.key, b.key));
}

/** The length of the longest way from a trigger to each node. */
function rankNodes({ nodes, edges }: AgentDocument): Map<string, number> {
  const ranks = new Map(nodes.map((node) => [node.id, 0]));
  const flow = edges.filter((edge) => edge.kind === "flow");
  // As many rounds as there are nodes settle every way without a cycle.
  for (let round = 0, hasChanged = true; hasChanged && round < nodes.length; round++) {
    hasChanged = false;
    for (const { source, target } of flow) {
      const rank = (ranks.get(source.node) ?? 0) + 1;
      if (rank <= (ranks.get(target.node) ?? 0)) continue;
      ranks.set(target.node, rank);
      hasChanged = true;
    }
  }
  return ranks;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
