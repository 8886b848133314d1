"use client";
import { useCallback, useMemo } from "react";
import { useQuickAddStore } from "../store/quick-add-store";
import type { QuickAddTarget } from "./quick-add";

/** The list of nodes that the frame of a container asked for, below what was pressed. Closing it gives the focus back. */
export function useInsideRequest(): { target: QuickAddTarget; close: () => void } | undefined {
  const request = useQuickAddStore((state) => state.request);
  const closeRequest = useQuickAddStore((state) => state.close);
  const close = useCallback(() => {
    closeRequest();
    // Where a node was chosen, its settings take the focus; else it goes back to where it came from.
    if (request?.opener.isConnected === true) request.opener.focus({ preventScroll: true });
  }, [closeRequest, request]);
  return useMemo(() => {
    if (request === undefined) return undefined;
    const opener = request.opener.getBoundingClientRect();
    const canvas = request.opener.closest(".heddle-canvas")?.getBoundingClientRect();
    const screen = { x: opener.left - (canvas?.left ?? 0), y: opener.bottom + 4 - (canvas?.top ?? 0) };
    return { target: { screen, flow: { x: 0, y: 0 }, inside: request.container }, close };
  }, [request, close]);
}
