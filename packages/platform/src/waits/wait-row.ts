import type { WaitRow } from "@heddle/db/wait-statements";
import type { PendingWait } from "@heddle/schema";

/** A wait, as the journal keeps it. */
export function toWaitRow(wait: PendingWait): WaitRow {
  const { key, nodeId, kind, dueAt, ...request } = wait;
  return { key, nodeId, kind, dueAt: dueAt ?? null, request };
}
