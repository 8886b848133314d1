"use client";
import { ArrowLeft, ArrowRight, Cable, X } from "lucide-react";
import { Button } from "@/components/ui/button";
import { useBuilder, useBuilderStore } from "../store/builder-context";
import { useConnectStore } from "../store/connect-store";

/** The wires of a node as a list: the way to them without a mouse. */
export function Connections({ nodeId }: { nodeId: string }) {
  const store = useBuilderStore();
  const canEdit = useBuilder((state) => state.canEdit);
  const allEdges = useBuilder((state) => state.document.edges);
  const nodes = useBuilder((state) => state.nodesById);
  const open = useConnectStore((state) => state.open);
  const edges = allEdges.filter((edge) => edge.source.node === nodeId || edge.target.node === nodeId);
  return (
    <div className="flex flex-col gap-1">
      {edges.map((edge) => {
        const isOut = edge.source.node === nodeId;
        const other = isOut ? edge.target : edge.source;
        const name = nodes.get(other.node)?.name ?? other.node;
        const port = edge.kind === "attachment" ? edge.target.port : edge.source.port;
        return (
          <div key={edge.id} className="flex h-7 items-center gap-2 rounded-md pl-2 text-xs hover:bg-hover">
            {isOut ? (
              <ArrowRight className="size-3.5 shrink-0 text-subtle" aria-label="To" />
            ) : (
              <ArrowLeft className="size-3.5 shrink-0 text-subtle" aria-label="From" />
            )}
            <button type="button" className="truncate rounded-sm hover:underline" onClick={() => store.getState().reveal(other.node)}>
              {name}
            </button>
            {port !== "out" && <span className="truncate text-subtle">{port}</span>}
            {canEdit && (
              <Button
                variant="ghost"
                size="iconXs"
                className="ml-auto"
                aria-label={`Disconnect ${name}`}
                onClick={() => store.getState().remove([], [edge.id])}
              >
                <X aria-hidden />
              </Button>
            )}
          </div>
        );
      })}
      {edges.length === 0 && <p className="text-xs text-muted">Not connected to anything.</p>}
      {canEdit && (
        <Button variant="ghost" size="sm" className="mt-1 self-start" onClick={() => open(nodeId)}>
          <Cable aria-hidden />
          Connect to…
        </Button>
      )}
    </div>
  );
}
