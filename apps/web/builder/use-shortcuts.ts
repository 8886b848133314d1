"use client";
import { useReactFlow } from "@xyflow/react";
import { useEffect } from "react";
import { useNodeActions } from "./canvas/use-node-actions";
import { useBuilderStore } from "./store/builder-context";

export interface ShortcutTargets {
  focusPalette: () => void;
  openTest: () => void;
  openHelp: () => void;
}

/** The builder's keys. None acts while something is typed or a dialog is open, but for undo, which fields have of their own. */
export function useShortcuts({ focusPalette, openTest, openHelp }: ShortcutTargets): void {
  const store = useBuilderStore();
  const actions = useNodeActions();
  const { fitView } = useReactFlow();
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.altKey || isBusyElsewhere(event.target)) return;
      const key = event.key.toLowerCase();
      const act = ((): (() => void) | undefined => {
        if (event.metaKey || event.ctrlKey) {
          switch (key) {
            case "z":
              return event.shiftKey ? store.getState().redo : store.getState().undo;
            case "y":
              return store.getState().redo;
            // With text selected on the page, copying means the text.
            case "c":
              return window.getSelection()?.isCollapsed === false ? undefined : actions.copy;
            case "x":
              return actions.cut;
            case "v":
              return actions.paste;
            case "d":
              return actions.duplicate;
            case "a":
              return actions.selectAll;
            case "s":
              return () => undefined;
            default:
              return undefined;
          }
        }
        if (event.shiftKey) {
          if (key === "t") return store.getState().tidy;
          if (event.code === "Digit1") return () => void fitView({ padding: 0.08, maxZoom: 1, duration: 200 });
          return event.key === "?" ? openHelp : undefined;
        }
        switch (key) {
          case "/":
            return focusPalette;
          case "t":
            return openTest;
          case "c":
            return () => actions.openConnect();
          case "delete":
          case "backspace":
            return actions.removeSelected;
          case "escape":
            return () => store.getState().select([]);
          default:
            return undefined;
        }
      })();
      if (act === undefined) return;
      event.preventDefault();
      act();
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [store, actions, fitView, focusPalette, openTest, openHelp]);
}

function isBusyElsewhere(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.isContentEditable ||
    target.closest("input, textarea, select, [role=dialog], [role=menu], [role=listbox], [role=combobox]") !== null
  );
}
