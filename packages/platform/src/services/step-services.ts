import type { Database } from "@heddle/db";
import type { RunFacts, StepServices } from "@heddle/node-kit";
import { createConversations } from "../memory/conversations.ts";
import { createKeyValues } from "../memory/key-values.ts";

/** What steps reach outside of the run, as one workspace may use it. */
export type WorkspaceServices = Omit<StepServices, "keyValues" | "conversations">;

/** Workspaces whose services are kept. They are cheap to make, and hold caches such as model providers. */
const MAX_KEPT = 1_000;

/** Makes the services of runs: those of the workspace, made once, and the memory of the run itself. */
export function createStepServices(
  db: Database,
  forWorkspace: (workspaceId: string) => WorkspaceServices,
): (run: RunFacts) => StepServices {
  const kept = new Map<string, WorkspaceServices>();
  return (run) => {
    let services = kept.get(run.workspaceId);
    if (!services) {
      services = forWorkspace(run.workspaceId);
      const oldest = kept.size >= MAX_KEPT ? kept.keys().next().value : undefined;
      if (oldest !== undefined) kept.delete(oldest);
      kept.set(run.workspaceId, services);
    }
    return { ...services, keyValues: createKeyValues(db, run), conversations: createConversations(db, run) };
  };
}
