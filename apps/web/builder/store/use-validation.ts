"use client";
import { validateDocument } from "@heddle/graph";
import type { NodeRegistry } from "@heddle/node-kit";
import { useEffect } from "react";
import type { BuilderStore } from "./builder-store.ts";

/** Keeps the list of problems up to date. It waits for a pause in typing, longer where checking takes longer. */
export function useValidation(store: BuilderStore, registry: NodeRegistry): void {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const check = () => {
      const { document, setProblems } = store.getState();
      setProblems(validateDocument(document, registry));
    };
    check();
    const unsubscribe = store.subscribe((state, before) => {
      if (state.document === before.document) return;
      clearTimeout(timer);
      timer = setTimeout(check, state.document.nodes.length > 300 ? 500 : 120);
    });
    return () => {
      clearTimeout(timer);
      unsubscribe();
    };
  }, [store, registry]);
}
