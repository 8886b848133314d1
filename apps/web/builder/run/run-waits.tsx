"use client";
import { WaitingFor } from "@/components/approvals/waiting-for";
import type { RunState } from "../model/run-state.ts";

/** What a test run waits for, so that it can be ended right here; the run then goes on. */
export function RunWaits({ run }: { run: RunState }) {
  if (run.status !== "waiting" || run.executionId === undefined) return null;
  return <WaitingFor executionId={run.executionId} />;
}
