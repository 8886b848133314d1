"use client";
import { Trash2 } from "lucide-react";
import { Button } from "@/components/ui/button";
import { useBuilder, useBuilderStore } from "../store/builder-context";

/** What a wire joins, and how to take it away. */
export function EdgeInspector({ edgeId }: { edgeId: string }) {
  const store = useBuilderStore();
  const edge = useBuilder((state) => state.document.edges.find((candidate) => candidate.id === edgeId));
  const nodes = useBuilder((state) => state.nodesById);
  const canEdit = useBuilder((state) => state.canEdit);
  const problem = useBuilder((state) => state.problems.find((candidate) => candidate.edgeId === edgeId)?.message);
  if (edge === undefined) return null;
  const end = (id: string) => (
    <button type="button" className="rounded-sm font-medium text-accent-text hover:underline" onClick={() => store.getState().reveal(id)}>
      {nodes.get(id)?.name ?? id}
    </button>
  );
  return (
    <div className="p-4">
      <h2 className="text-base font-semibold tracking-tight">{edge.kind === "attachment" ? "Attachment" : "Connection"}</h2>
      <p className="mt-2 text-sm text-muted">
        {edge.kind === "attachment" ? (
          <>
            {end(edge.source.node)} is lent to {end(edge.target.node)} as {edge.target.port}.
          </>
        ) : (
          <>
            From {end(edge.source.node)}
            {edge.source.port === "out" ? "" : ` (${edge.source.port})`} to {end(edge.target.node)}.
          </>
        )}
      </p>
      {problem !== undefined && (
        <p className="mt-3 rounded-md border border-bad-line bg-bad-soft px-2.5 py-1.5 text-xs text-bad">{problem}</p>
      )}
      {canEdit && (
        <Button variant="dangerGhost" size="sm" className="-ml-2.5 mt-3" onClick={() => store.getState().remove([], [edgeId])}>
          <Trash2 aria-hidden />
          Remove
        </Button>
      )}
    </div>
  );
}
