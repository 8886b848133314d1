import type { NewExecution } from "@heddle/db/journal";
import type { Json } from "@heddle/schema";
import type { RunRequest } from "./execution-engine.ts";

/** What is put into the queue for a run that nobody waits for. */
export function toQueuedExecution(request: RunRequest, id: string, availableAt?: Date): NewExecution {
  const { draft } = request;
  return {
    id,
    workspaceId: request.workspaceId,
    agentId: request.agentId,
    deploymentId: request.deploymentId,
    version: request.version,
    ...(draft === null ? {} : { config: draft as unknown as Json }),
    conversationId: request.conversationId ?? null,
    trigger: request.trigger,
    triggerNode: request.triggerNode ?? null,
    actor: request.actor,
    input: request.input,
    startedAt: new Date(),
    availableAt: availableAt ?? null,
  };
}
