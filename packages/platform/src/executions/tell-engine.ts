import type { Database } from "@heddle/db";
import { selectResolutions } from "@heddle/db/lease-statements";
import type { WaitResolution } from "@heddle/schema";
import type { ExecutionEngine } from "./execution-engine.ts";

export interface TellEngineOptions {
  db: Database;
  engine: ExecutionEngine;
  onFault: (fault: unknown, where: { executionId: string }) => void;
}

/** Tells the runs of this process what other processes decided about them: that they are to stop, that a wait has ended. */
export function tellEngine({ db, engine, onFault }: TellEngineOptions): () => void {
  const resolve = async (workspaceId: string, executionId: string): Promise<void> => {
    const resolutions = await selectResolutions(db.pools.journal, workspaceId, executionId);
    for (const { key, resolution } of resolutions) engine.resolve(executionId, key, resolution as unknown as WaitResolution);
  };
  return db.changes.subscribe((event) => {
    if (event.kind === "execution") engine.interrupt(event.id, "cancelled");
    if (event.kind !== "wait" || event.workspaceId === undefined || !engine.isRunning(event.id)) return;
    resolve(event.workspaceId, event.id).catch((fault: unknown) => onFault(fault, { executionId: event.id }));
  });
}
