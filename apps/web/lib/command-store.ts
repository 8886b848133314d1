"use client";
import type { LucideIcon } from "lucide-react";
import { useEffect } from "react";
import { create } from "zustand";

/** Something that can be done from the command palette. */
export interface Command {
  id: string;
  label: string;
  group: string;
  icon?: LucideIcon;
  /** Further words to find it by. */
  keywords?: string;
  shortcut?: string;
  run: () => void;
}

interface CommandState {
  isOpen: boolean;
  setOpen: (isOpen: boolean) => void;
  sources: ReadonlyMap<string, readonly Command[]>;
  put: (source: string, commands: readonly Command[]) => void;
  drop: (source: string) => void;
}

export const useCommandStore = create<CommandState>((set) => ({
  isOpen: false,
  setOpen: (isOpen) => set({ isOpen }),
  sources: new Map(),
  put: (source, commands) => set((state) => ({ sources: new Map(state.sources).set(source, commands) })),
  drop: (source) =>
    set((state) => {
      const sources = new Map(state.sources);
      sources.delete(source);
      return { sources };
    }),
}));

/** Offers commands in the palette while the component is mounted. Memoise `commands`. */
export function useCommands(source: string, commands: readonly Command[]): void {
  const put = useCommandStore((state) => state.put);
  const drop = useCommandStore((state) => state.drop);
  useEffect(() => {
    put(source, commands);
    return () => drop(source);
  }, [source, commands, put, drop]);
}
