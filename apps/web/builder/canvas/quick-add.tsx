"use client";
import { useEffect, useId, useMemo, useRef, useState } from "react";
import { cn } from "@/lib/cn";
import { rankMatches } from "@/lib/rank-matches";
import { canLiveInside } from "../model/containers.ts";
import { useBuilderStore, useRegistry } from "../store/builder-context";
import { NodeIcon } from "./node-icon";

export interface QuickAddTarget {
  /** Where the list opens, in the canvas's own pixels. */
  screen: { x: number; y: number };
  /** Where the node goes. */
  flow: { x: number; y: number };
  /** The port that the new node is connected to. */
  after?: { node: string; port: string };
  /** The container that the new node goes into, to a place that is free. */
  inside?: string;
}

/** A searchable list of node types at a place on the canvas: after a double click, or where a wire was let go. */
export function QuickAdd({ target, onClose }: { target: QuickAddTarget; onClose: () => void }) {
  const registry = useRegistry();
  const store = useBuilderStore();
  const frame = useRef<HTMLDivElement>(null);
  const listId = useId();
  const [query, setQuery] = useState("");
  const [index, setIndex] = useState(0);
  const candidates = useMemo(
    () =>
      [...registry.values()].filter(
        (definition) =>
          (target.after === undefined || definition.category !== "trigger") &&
          (target.inside === undefined || canLiveInside(registry, definition.type)),
      ),
    [registry, target.after, target.inside],
  );
  const found = useMemo(
    () => rankMatches(candidates, query, (definition) => `${definition.name} ${definition.summary}`),
    [candidates, query],
  );
  const add = (type: string | undefined) => {
    if (type !== undefined) {
      const position = { x: target.flow.x, y: target.flow.y - 28 };
      const id = store.getState().addNode(type, {
        ...(target.inside === undefined ? { position } : { inside: target.inside }),
        ...(target.after === undefined ? {} : { after: target.after }),
      });
      if (id !== undefined) store.getState().reveal(id);
    }
    onClose();
  };
  useEffect(() => {
    const onPointerDown = (event: PointerEvent) => {
      if (!(event.target instanceof Node) || frame.current?.contains(event.target) !== true) onClose();
    };
    window.addEventListener("pointerdown", onPointerDown, true);
    return () => window.removeEventListener("pointerdown", onPointerDown, true);
  }, [onClose]);
  return (
    <div
      ref={frame}
      style={{ left: `min(${target.screen.x}px, calc(100% - 272px))`, top: `min(${target.screen.y}px, calc(100% - 328px))` }}
      className="absolute z-40 w-64 animate-pop rounded-lg border border-line-strong bg-surface shadow-lg"
    >
      <input
        autoFocus
        role="combobox"
        aria-expanded
        aria-controls={listId}
        aria-activedescendant={`${listId}-${index}`}
        aria-label="Add a node"
        placeholder="Add a node…"
        className="h-10 w-full border-b border-line bg-transparent px-3 text-sm outline-none"
        value={query}
        onChange={(event) => {
          setQuery(event.target.value);
          setIndex(0);
        }}
        onKeyDown={(event) => {
          if (event.key === "Escape") onClose();
          else if (event.key === "Enter") add(found[index]?.type);
          else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
            event.preventDefault();
            const next = (index + (event.key === "ArrowDown" ? 1 : -1) + found.length) % Math.max(1, found.length);
            setIndex(next);
            document.getElementById(`${listId}-${next}`)?.scrollIntoView({ block: "nearest" });
          } else return;
          event.stopPropagation();
        }}
      />
      <div id={listId} role="listbox" aria-label="Nodes" className="max-h-72 overflow-y-auto p-1">
        {found.map((definition, position) => (
          <button
            type="button"
            tabIndex={-1}
            key={definition.type}
            id={`${listId}-${position}`}
            role="option"
            aria-selected={position === index}
            onMouseMove={() => setIndex(position)}
            onClick={() => add(definition.type)}
            className={cn("flex w-full items-center gap-2.5 rounded-md px-2 py-1.5 text-left text-sm", position === index && "bg-hover")}
          >
            <NodeIcon icon={definition.icon} category={definition.category} className="size-6 rounded-sm [&_svg]:size-3.5" />
            <span className="truncate">{definition.name}</span>
          </button>
        ))}
        {found.length === 0 && <p className="px-2 py-5 text-center text-sm text-muted">No node matches.</p>}
      </div>
    </div>
  );
}
