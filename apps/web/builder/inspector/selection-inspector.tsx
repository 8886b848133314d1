"use client";
import { Copy, CopyPlus, Trash2 } from "lucide-react";
import { Button } from "@/components/ui/button";
import { useNodeActions } from "../canvas/use-node-actions";
import { useBuilder, useBuilderStore } from "../store/builder-context";

/** Several nodes at once. */
export function SelectionInspector() {
  const store = useBuilderStore();
  const actions = useNodeActions();
  const selected = useBuilder((state) => state.selectedNodes);
  const nodes = useBuilder((state) => state.nodesById);
  const canEdit = useBuilder((state) => state.canEdit);
  return (
    <div className="p-4">
      <h2 className="text-base font-semibold tracking-tight">{selected.size} nodes selected</h2>
      <div className="mt-3 flex flex-wrap gap-2">
        <Button size="sm" onClick={actions.copy}>
          <Copy aria-hidden />
          Copy
        </Button>
        {canEdit && (
          <Button size="sm" onClick={actions.duplicate}>
            <CopyPlus aria-hidden />
            Duplicate
          </Button>
        )}
        {canEdit && (
          <Button size="sm" variant="dangerGhost" onClick={actions.removeSelected}>
            <Trash2 aria-hidden />
            Delete
          </Button>
        )}
      </div>
      <ul className="mt-4 flex flex-col">
        {[...selected].slice(0, 50).map((id) => (
          <li key={id}>
            <button
              type="button"
              className="flex h-7 w-full items-center rounded-md px-2 text-left text-sm text-muted hover:bg-hover hover:text-fg"
              onClick={() => store.getState().reveal(id)}
            >
              {nodes.get(id)?.name ?? id}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
