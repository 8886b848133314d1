"use client";
import { createContext, type ReactNode, use } from "react";
import type { SaveStatus } from "../model/autosave.ts";

export interface Saving {
  /** Saves now what is not saved yet. */
  flush: () => Promise<SaveStatus>;
  /** Tries again after a failure. */
  retry: () => void;
  /** After a conflict: makes a copy of what is here, and opens it. */
  keepAsCopy: () => Promise<void>;
  /** After a conflict: takes what is saved, as a step that undo takes back. */
  loadTheirs: () => Promise<void>;
}

const SavingContext = createContext<Saving | undefined>(undefined);

export function SavingProvider({ saving, children }: { saving: Saving; children: ReactNode }) {
  return <SavingContext value={saving}>{children}</SavingContext>;
}

export function useSaving(): Saving {
  const saving = use(SavingContext);
  if (saving === undefined) throw new Error("useSaving needs a SavingProvider above it");
  return saving;
}
