"use client";
import { create } from "zustand";

/** Which node the "Connect to…" dialog is open for. */
export const useConnectStore = create<{ nodeId: string | undefined; open: (nodeId: string) => void; close: () => void }>((set) => ({
  nodeId: undefined,
  open: (nodeId) => set({ nodeId }),
  close: () => set({ nodeId: undefined }),
}));
