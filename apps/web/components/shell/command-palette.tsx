"use client";
import { useQuery } from "@tanstack/react-query";
import { Bot, Moon, Search, Sun } from "lucide-react";
import { useRouter } from "next/navigation";
import { Dialog as Primitive } from "radix-ui";
import { type KeyboardEvent, useDeferredValue, useEffect, useId, useMemo, useState } from "react";
import { Kbd } from "@/components/ui/kbd";
import { cn } from "@/lib/cn";
import { type Command, useCommandStore } from "@/lib/command-store";
import { rankMatches } from "@/lib/rank-matches";
import { setTheme } from "@/lib/theme";
import { useTRPC } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";
import { ADMIN_PLACES, WORK_PLACES } from "./navigation";

/** ⌘K: go anywhere, find an agent, do what the page offers. */
export function CommandPalette() {
  const isOpen = useCommandStore((state) => state.isOpen);
  const setOpen = useCommandStore((state) => state.setOpen);
  useEffect(() => {
    const onKeyDown = (event: globalThis.KeyboardEvent) => {
      if ((event.metaKey || event.ctrlKey) && !event.shiftKey && event.key.toLowerCase() === "k") {
        event.preventDefault();
        setOpen(!useCommandStore.getState().isOpen);
      }
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [setOpen]);
  return (
    <Primitive.Root open={isOpen} onOpenChange={setOpen}>
      <Primitive.Portal>
        <Primitive.Overlay className="fixed inset-0 z-60 animate-fade bg-scrim" />
        <Primitive.Content
          aria-describedby={undefined}
          className="fixed left-1/2 top-[12vh] z-60 w-[calc(100vw-24px)] max-w-xl -translate-x-1/2 animate-fade overflow-hidden rounded-xl border border-line-strong bg-surface shadow-lg focus:outline-none"
        >
          <Primitive.Title className="sr-only">Search and go to</Primitive.Title>
          <PaletteList onDone={() => setOpen(false)} />
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}

function PaletteList({ onDone }: { onDone: () => void }) {
  const [query, setQuery] = useState("");
  const [index, setIndex] = useState(0);
  const listId = useId();
  const commands = useMatchingCommands(query);
  const current = Math.min(index, commands.length - 1);
  const choose = (command: Command | undefined) => {
    if (command === undefined) return;
    onDone();
    command.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setIndex((current + (event.key === "ArrowDown" ? 1 : -1) + commands.length) % Math.max(1, commands.length));
    } else if (event.key === "Enter") {
      event.preventDefault();
      choose(commands[current]);
    }
  };
  useEffect(() => {
    void document.getElementById(`${listId}-${current}`)?.scrollIntoView({ block: "nearest" });
  }, [listId, current]);

  return (
    <>
      <div className="flex items-center gap-2.5 border-b border-line px-4">
        <Search className="size-4 text-subtle" aria-hidden />
        <input
          autoFocus
          role="combobox"
          aria-expanded
          aria-controls={listId}
          aria-activedescendant={commands.length === 0 ? undefined : `${listId}-${current}`}
          aria-label="Search agents and commands"
          placeholder="Search agents and commands…"
          className="h-12 flex-1 bg-transparent text-base outline-none"
          value={query}
          onChange={(event) => {
            setQuery(event.target.value);
            setIndex(0);
          }}
          onKeyDown={onKeyDown}
        />
        <Kbd>Esc</Kbd>
      </div>
      <div id={listId} role="listbox" aria-label="Results" className="max-h-[52vh] overflow-y-auto p-1.5">
        {commands.length === 0 && <p className="px-3 py-8 text-center text-sm text-muted">Nothing matches “{query}”.</p>}
        {commands.map((command, position) => {
          const Icon = command.icon;
          const isFirstOfGroup = commands[position - 1]?.group !== command.group;
          return (
            <div key={command.id} role="presentation">
              {isFirstOfGroup && (
                <div role="presentation" className="px-2.5 pb-1 pt-2 text-2xs font-medium text-subtle">
                  {command.group}
                </div>
              )}
              {/* The keyboard reaches options through the field above, as a combobox does. */}
              <button
                type="button"
                tabIndex={-1}
                id={`${listId}-${position}`}
                role="option"
                aria-selected={position === current}
                onMouseMove={() => setIndex(position)}
                onClick={() => choose(command)}
                className={cn("flex h-9 w-full items-center gap-2.5 rounded-md px-2.5 text-sm", position === current && "bg-hover")}
              >
                {Icon !== undefined && <Icon className="size-4 text-subtle" aria-hidden />}
                <span className="truncate">{command.label}</span>
                {command.shortcut !== undefined && <Kbd className="ml-auto">{command.shortcut}</Kbd>}
              </button>
            </div>
          );
        })}
      </div>
    </>
  );
}

function useMatchingCommands(query: string): Command[] {
  const router = useRouter();
  const trpc = useTRPC();
  const { workspace } = useWorkspace();
  const sources = useCommandStore((state) => state.sources);
  const search = useDeferredValue(query.trim());
  const agents = useQuery(trpc.agent.list.queryOptions({ workspaceId: workspace.id, limit: 8, ...(search === "" ? {} : { search }) }));
  return useMemo(() => {
    const own: Command[] = [...sources.values()].flat();
    const places: Command[] = [...WORK_PLACES, ...ADMIN_PLACES].map(({ href, label, icon }) => ({
      id: href,
      group: "Go to",
      label,
      icon,
      run: () => router.push(href),
    }));
    const themes: Command[] = [
      { id: "theme-light", group: "Appearance", label: "Light theme", icon: Sun, run: () => setTheme("light") },
      { id: "theme-dark", group: "Appearance", label: "Dark theme", icon: Moon, run: () => setTheme("dark") },
    ];
    const found: Command[] = (agents.data?.items ?? []).map((agent) => ({
      id: `agent-${agent.id}`,
      group: "Agents",
      label: agent.name,
      icon: Bot,
      run: () => router.push(`/builder?agent=${agent.id}`),
    }));
    const groups = [own, found, places, themes];
    return groups.flatMap((group) => rankMatches(group, query, (command) => `${command.label} ${command.keywords ?? ""}`));
  }, [sources, agents.data, query, router]);
}
