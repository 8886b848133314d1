"use client";
import { withInsides } from "@heddle/graph";
import { useMemo } from "react";
import { toast } from "sonner";
import { readClip } from "../model/clipboard.ts";
import { useBuilderStore } from "../store/builder-context";
import { useConnectStore } from "../store/connect-store";

/** What menus, the toolbar and the keyboard do with what is selected. */
export interface NodeActions {
  copy: () => void;
  cut: () => void;
  paste: () => void;
  duplicate: () => void;
  removeSelected: () => void;
  selectAll: () => void;
  openConnect: (nodeId?: string) => void;
}

export function useNodeActions(): NodeActions {
  const store = useBuilderStore();
  const openConnect = useConnectStore((state) => state.open);
  return useMemo(() => {
    const copy = () => {
      const clip = store.getState().copy();
      if (clip === undefined) return;
      navigator.clipboard.writeText(JSON.stringify(clip)).catch(() => toast.error("The browser did not allow copying."));
    };
    const removeSelected = () => {
      const { selectedNodes, selectedEdges, remove, document, undo, canEdit } = store.getState();
      const inside = withInsides(document, selectedNodes).size - selectedNodes.size;
      remove(selectedNodes, selectedEdges);
      // What was inside may be out of sight.
      if (inside > 0 && canEdit)
        toast(`Deleted with ${inside === 1 ? "the node" : `${inside} nodes`} inside.`, { action: { label: "Undo", onClick: undo } });
    };
    return {
      copy,
      cut: () => {
        copy();
        removeSelected();
      },
      paste: () => {
        navigator.clipboard.readText().then(
          (text) => {
            const clip = readClip(text);
            if (clip !== undefined) store.getState().paste(clip);
          },
          () => toast.error("The browser did not allow reading the clipboard."),
        );
      },
      duplicate: () => {
        const clip = store.getState().copy();
        if (clip !== undefined) store.getState().paste(clip);
      },
      removeSelected,
      selectAll: () => store.getState().select(store.getState().nodesById.keys()),
      openConnect: (nodeId) => {
        const [first] = store.getState().selectedNodes;
        const from = nodeId ?? first;
        if (from !== undefined) openConnect(from);
      },
    };
  }, [store, openConnect]);
}
