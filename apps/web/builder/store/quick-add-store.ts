import { create } from "zustand";

interface QuickAddState {
  /** The container to which a node is to be added, and what was pressed to say so. */
  request: { container: string; opener: HTMLElement } | undefined;
  open: (container: string, opener: HTMLElement) => void;
  close: () => void;
}

/** The request of a frame on the canvas to choose a node for it; the canvas draws the list. */
export const useQuickAddStore = create<QuickAddState>((set) => ({
  request: undefined,
  open: (container, opener) => set({ request: { container, opener } }),
  close: () => set({ request: undefined }),
}));
