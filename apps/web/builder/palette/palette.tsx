"use client";
import type { NodeCategory } from "@heddle/node-kit";
import { type KeyboardEvent, useMemo, useRef, useState } from "react";
import { Kbd } from "@/components/ui/kbd";
import { SearchInput } from "@/components/ui/search-input";
import { rankMatches } from "@/lib/rank-matches";
import { useBuilderStore, useRegistry } from "../store/builder-context";
import { PaletteItem } from "./palette-item";

/** Categories in the order in which an agent is thought of, from what starts it to what it answers. */
export const CATEGORIES: readonly { category: NodeCategory; label: string }[] = [
  { category: "trigger", label: "Start" },
  { category: "model", label: "Models" },
  { category: "knowledge", label: "Knowledge" },
  { category: "tool", label: "Tools" },
  { category: "logic", label: "Logic" },
  { category: "transform", label: "Transform" },
  { category: "memory", label: "Memory" },
  { category: "output", label: "Answer" },
];

/** Every node type, by category, with search. Arrow keys walk through it; Enter adds. */
export function Palette() {
  const registry = useRegistry();
  const store = useBuilderStore();
  const [query, setQuery] = useState("");
  const frame = useRef<HTMLDivElement>(null);
  const all = useMemo(() => [...registry.values()], [registry]);
  const found = useMemo(
    () => rankMatches(all, query, (definition) => `${definition.name} ${definition.summary} ${definition.type}`),
    [all, query],
  );
  const groups =
    query.trim() === ""
      ? CATEGORIES.map(({ category, label }) => ({ label, items: all.filter((definition) => definition.category === category) }))
      : [{ label: "Found", items: found }];
  const add = (type: string) => {
    const id = store.getState().addNode(type);
    if (id !== undefined) store.getState().reveal(id);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const items = [...(frame.current?.querySelectorAll<HTMLElement>("[data-palette-item], input") ?? [])];
    const at = items.indexOf(document.activeElement as HTMLElement);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      items[(at + (event.key === "ArrowDown" ? 1 : -1) + items.length) % items.length]?.focus();
    } else if (event.key === "Enter" && at === 0 && found[0] !== undefined && query.trim() !== "") {
      event.preventDefault();
      add(found[0].type);
      setQuery("");
    } else if (event.key === "Escape") setQuery("");
  };
  return (
    <div ref={frame} className="flex h-full flex-col">
      <div className="p-2 pb-1">
        <div className="relative">
          <SearchInput
            id="palette-search"
            aria-label="Search nodes"
            onKeyDown={onKeyDown}
            placeholder="Search nodes"
            value={query}
            onChange={(event) => setQuery(event.target.value)}
          />
          {query === "" && <Kbd className="pointer-events-none absolute right-2 top-2">/</Kbd>}
        </div>
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto px-2 pb-3">
        {groups.map(
          ({ label, items }) =>
            items.length > 0 && (
              <section key={label} aria-label={label}>
                <h2 className="px-2 pb-0.5 pt-3 text-2xs font-medium text-subtle">{label}</h2>
                {items.map((definition) => (
                  <PaletteItem key={definition.type} definition={definition} onAdd={add} onKeyDown={onKeyDown} />
                ))}
              </section>
            ),
        )}
        {found.length === 0 && <p className="px-2 py-6 text-center text-sm text-muted">No node matches “{query}”.</p>}
      </div>
    </div>
  );
}
