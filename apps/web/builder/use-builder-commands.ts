"use client";
import { useReactFlow } from "@xyflow/react";
import { CircleHelp, ListTree, Maximize, Play, Plus, Redo2, Undo2 } from "lucide-react";
import { useMemo } from "react";
import { type Command, useCommands } from "@/lib/command-store";
import { useBuilder, useBuilderStore, useRegistry } from "./store/builder-context";
import type { ShortcutTargets } from "./use-shortcuts";

/** What the command palette offers while an agent is open. */
export function useBuilderCommands({ openTest, openHelp }: ShortcutTargets): void {
  const store = useBuilderStore();
  const registry = useRegistry();
  const canEdit = useBuilder((state) => state.canEdit);
  const { fitView } = useReactFlow();
  const commands = useMemo<Command[]>(() => {
    const group = "This agent";
    const look: Command[] = [
      {
        id: "builder-fit",
        group,
        label: "Fit to view",
        icon: Maximize,
        shortcut: "⇧1",
        run: () => void fitView({ padding: 0.08, maxZoom: 1 }),
      },
      { id: "builder-help", group, label: "Keyboard shortcuts", icon: CircleHelp, shortcut: "?", run: openHelp },
    ];
    if (!canEdit) return look;
    return [
      { id: "builder-test", group, label: "Test", icon: Play, shortcut: "T", run: openTest },
      ...look,
      { id: "builder-undo", group, label: "Undo", icon: Undo2, shortcut: "⌘Z", run: () => store.getState().undo() },
      { id: "builder-redo", group, label: "Redo", icon: Redo2, shortcut: "⇧⌘Z", run: () => store.getState().redo() },
      { id: "builder-tidy", group, label: "Tidy up", icon: ListTree, shortcut: "⇧T", run: () => store.getState().tidy() },
      ...[...registry.values()].map((definition) => ({
        id: `builder-add-${definition.type}`,
        group: "Add a node",
        label: definition.name,
        icon: Plus,
        keywords: `add ${definition.summary}`,
        run: () => {
          const id = store.getState().addNode(definition.type);
          if (id !== undefined) store.getState().reveal(id);
        },
      })),
    ];
  }, [store, registry, canEdit, fitView, openTest, openHelp]);
  useCommands("builder", commands);
}
