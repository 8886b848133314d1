"use client";
import type { NodeRegistry } from "@heddle/node-kit";
import { createContext, type ReactNode, use } from "react";
import { useStore } from "zustand";
import type { BuilderState, BuilderStore } from "./builder-store.ts";

const StoreContext = createContext<BuilderStore | undefined>(undefined);
const RegistryContext = createContext<NodeRegistry | undefined>(undefined);

export function BuilderProvider({ store, registry, children }: { store: BuilderStore; registry: NodeRegistry; children: ReactNode }) {
  return (
    <RegistryContext value={registry}>
      <StoreContext value={store}>{children}</StoreContext>
    </RegistryContext>
  );
}

/** A piece of the builder's state. Select as little as is needed. */
export function useBuilder<T>(select: (state: BuilderState) => T): T {
  return useStore(useBuilderStore(), select);
}

/** The store itself, for event handlers that read the state when they run. */
export function useBuilderStore(): BuilderStore {
  const store = use(StoreContext);
  if (store === undefined) throw new Error("The builder's parts need a BuilderProvider above them");
  return store;
}

/** The node types that this Heddle knows. */
export function useRegistry(): NodeRegistry {
  const registry = use(RegistryContext);
  if (registry === undefined) throw new Error("The builder's parts need a BuilderProvider above them");
  return registry;
}
