import type { NewExecution } from "@heddle/db/journal";
import type { Json } from "@heddle/schema";
import type { PoolClient } from "pg";
import { derivedId } from "./derived-id.ts";
import type { EndedExecution, ExecutionConsumer } from "./execution-outbox.ts";

export interface ErrorHandlersOptions {
  /** Accepts a run for whoever claims it. */
  enqueue: (execution: NewExecution) => Promise<void>;
}

/**
 * Starts the agents that handle failures, once for each execution that failed for good. Failures of error handlers are
 * handled by nobody, and no agent handles its own, so that no failure goes in circles.
 */
export function createErrorHandlers({ enqueue }: ErrorHandlersOptions): ExecutionConsumer {
  return {
    name: "error-handlers",
    consume: async (client, execution) => {
      const { id, workspaceId, agentId, at } = execution;
      if (execution.event !== "execution.failed" || execution.deploymentId === null || execution.trigger === "error") return;
      const { rows } = await client.query<HandlerRow>(SELECT_HANDLERS, [workspaceId, agentId]);
      for (const handler of rows) {
        // The same whenever it is handed on: what was started before a crash is found again.
        const executionId = derivedId(at, "error", id, handler.deploymentId);
        if (await exists(client, workspaceId, executionId)) continue;
        await enqueue({
          id: executionId,
          workspaceId,
          agentId: handler.agentId,
          deploymentId: handler.deploymentId,
          version: handler.version,
          trigger: "error",
          triggerNode: handler.nodeId,
          causedBy: id,
          input: failureOf(execution, handler.failedAgent),
          startedAt: new Date(),
        });
      }
    },
  };
}

/** What a handler is told. */
function failureOf({ id, agentId, error, input, at, attempts }: EndedExecution, agentName: string | null): Json {
  const { code, message, hint, nodeId, details } = error ?? { code: "internal", message: "The run failed." };
  return {
    executionId: id,
    agent: { id: agentId, name: agentName ?? "" },
    error: {
      code,
      message,
      ...(hint === undefined ? {} : { hint }),
      ...(nodeId === undefined ? {} : { nodeId }),
      ...(details === undefined ? {} : { details: details as Json }),
    },
    input,
    failedAt: at.toISOString(),
    attempts,
  };
}

async function exists(client: PoolClient, workspaceId: string, executionId: string): Promise<boolean> {
  const { rowCount } = await client.query("SELECT FROM executions WHERE workspace_id = $1 AND id = $2", [workspaceId, executionId]);
  return rowCount !== 0;
}

interface HandlerRow {
  agentId: string;
  deploymentId: string;
  nodeId: string;
  version: number;
  failedAgent: string | null;
}

// One run of a handling agent, by the trigger that names the failed agent rather than by one for all.
const SELECT_HANDLERS = `SELECT DISTINCT ON (h.deployment_id) h.agent_id AS "agentId", h.deployment_id AS "deploymentId", h.node_id AS "nodeId", h.version,
    (SELECT a.name FROM agents a WHERE a.workspace_id = $1 AND a.id = $2::uuid) AS "failedAgent"
  FROM error_handlers h WHERE h.workspace_id = $1 AND h.agent_id <> $2::uuid AND (h.agent_ids = '{}' OR $2::text = ANY (h.agent_ids))
  ORDER BY h.deployment_id, h.agent_ids = '{}', h.node_id`;
