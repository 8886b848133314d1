import { type AgentDocument, agentDocument } from "@heddle/schema";
import { z } from "zod";

const backup = z.object({ revision: z.number().int(), draft: agentDocument });

/** What localStorage can do, so that tests need no browser. */
export type BackupStorage = Pick<Storage, "getItem" | "setItem" | "removeItem">;

const keyOf = (agentId: string) => `heddle.draft.${agentId}`;

/** Keeps a draft that is not saved yet on this machine; undefined says that all is saved. A full storage is no reason to stop. */
export function writeBackup(storage: BackupStorage, agentId: string, value: { draft: AgentDocument; revision: number } | undefined): void {
  try {
    if (value === undefined) storage.removeItem(keyOf(agentId));
    else storage.setItem(keyOf(agentId), JSON.stringify(value));
  } catch {
    // Full, or forbidden in a private window: saving to the server goes on all the same.
  }
}

/** A draft that was left unsaved, if there is one that can still be read. */
export function readBackup(storage: BackupStorage, agentId: string): { draft: AgentDocument; revision: number } | undefined {
  try {
    const text = storage.getItem(keyOf(agentId));
    return text === null ? undefined : backup.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
