import type { Json } from "@heddle/schema";
import type { Actor } from "./access/actor.ts";

/** Where use cases write what was done. `target` is the id of the thing; details hold no secret. */
export interface AuditRecorder {
  record(actor: Actor, workspaceId: string, action: string, target: string | null, details: Record<string, Json>): Promise<void>;
}
