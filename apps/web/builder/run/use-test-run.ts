"use client";
import type { Json, RunEvent } from "@heddle/schema";
import { useCallback, useRef } from "react";
import { executionStream } from "@/lib/execution-stream";
import { toProblem } from "@/lib/problem";
import { useTRPCClient } from "@/lib/trpc";
import { isUnderWay, type RunState } from "../model/run-state.ts";
import { useBuilderStore } from "../store/builder-context";
import { useSaving } from "../store/saving-context";
import { gathered } from "./gathered.ts";

const BROKEN = { code: "unavailable", detail: "The connection broke before the run ended.", hint: "Look for it under Executions." };

export interface TestRun {
  /** Saves the draft, runs it, and resolves with the run as it ended. */
  start: (input: Json, conversationId?: string) => Promise<RunState | undefined>;
  /** Stops the run, on the server as well. */
  stop: () => void;
}

/** Runs the draft and shows the run on the canvas while it goes. */
export function useTestRun(): TestRun {
  const store = useBuilderStore();
  const client = useTRPCClient();
  const { flush } = useSaving();
  const abort = useRef<AbortController>(undefined);

  const start = useCallback(
    async (input: Json, conversationId?: string) => {
      abort.current?.abort();
      const controller = new AbortController();
      abort.current = controller;
      const state = store.getState();
      state.startRun(Date.now());
      try {
        await flush();
        const body = { input, ...(conversationId === undefined ? {} : { conversationId }) };
        const messages = executionStream({
          path: `/api/agents/${state.agentId}/test?stream=1`,
          body,
          signal: controller.signal,
          onExecution: (id) => store.getState().setExecution(id),
          onReconnecting: (isReconnecting) => store.getState().setReconnecting(isReconnecting),
        });
        const take = gathered((events: RunEvent[]) => store.getState().runEvents(events));
        try {
          for await (const { event, error } of messages) {
            if (controller.signal.aborted) break;
            if (event !== undefined) take.add(event);
            if (error !== undefined) {
              take.flush();
              store.getState().endRun(error);
            }
          }
        } finally {
          take.flush();
        }
        if (isUnderWay(store.getState().run)) store.getState().endRun(BROKEN);
      } catch (error) {
        const problem = toProblem(error);
        // A run that was begun goes on without its watcher.
        const isLost = problem.code === "unavailable" && store.getState().run?.executionId !== undefined;
        store.getState().endRun(controller.signal.aborted ? { code: "run_cancelled", detail: "Stopped." } : isLost ? BROKEN : problem);
      }
      return store.getState().run;
    },
    [store, flush],
  );

  const stop = useCallback(() => {
    const id = store.getState().run?.executionId;
    // The stream ends by itself once the server has stopped the run; without an id there is nothing to stop yet.
    if (id === undefined) abort.current?.abort();
    else client.execution.cancel.mutate({ id }).catch(() => abort.current?.abort());
  }, [store, client]);

  return { start, stop };
}
