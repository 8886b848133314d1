"use client";
import { useEffect } from "react";
import { useBuilder } from "../store/builder-context";
import { AgentSettings } from "./agent-settings";
import { EdgeInspector } from "./edge-inspector";
import { NodeInspector } from "./node-inspector";
import { SelectionInspector } from "./selection-inspector";

/** What is selected, to be set: a node, an edge, several nodes, or the agent itself. */
export function Inspector() {
  const selectedNodes = useBuilder((state) => state.selectedNodes);
  const selectedEdges = useBuilder((state) => state.selectedEdges);
  useFieldFocus();
  const [nodeId] = selectedNodes;
  const [edgeId] = selectedEdges;
  if (selectedNodes.size === 1 && nodeId !== undefined) return <NodeInspector key={nodeId} nodeId={nodeId} />;
  if (selectedNodes.size > 1) return <SelectionInspector />;
  if (selectedEdges.size === 1 && edgeId !== undefined) return <EdgeInspector key={edgeId} edgeId={edgeId} />;
  return <AgentSettings />;
}

/** Puts the focus into the field that a problem is about. */
function useFieldFocus(): void {
  const focus = useBuilder((state) => state.focus);
  useEffect(() => {
    if (focus?.field === undefined) return;
    const { field } = focus;
    // The fields of a node that was just selected, or of a folded part, are drawn first.
    const timer = setTimeout(() => {
      const panel = document.getElementById("builder-panel");
      const holder = field === "" ? panel : closest(panel, field);
      holder?.scrollIntoView({ block: "nearest" });
      const control = holder?.querySelector<HTMLElement>("textarea, input, button[role=combobox], [role=switch], [role=slider]");
      (control ?? holder?.querySelector<HTMLElement>("button"))?.focus();
    }, 60);
    return () => clearTimeout(timer);
  }, [focus]);
}

/** The field of a path, or of the longest beginning of it that has one: `params.branches.0.when` may be `params.branches`. */
function closest(panel: HTMLElement | null, path: string): HTMLElement | null {
  for (let at = path; at !== ""; at = at.slice(0, Math.max(0, at.lastIndexOf(".")))) {
    const found = panel?.querySelector<HTMLElement>(`[data-field="${CSS.escape(at)}"]`);
    if (found) return found;
  }
  return null;
}
