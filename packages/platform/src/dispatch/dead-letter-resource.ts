import type { DeadLetter, ErrorInfo, Json } from "@heddle/schema";

export interface DeadLetterRow {
  id: string;
  agentId: string;
  agentName: string | null;
  deploymentId: string | null;
  version: number | null;
  conversationId: string | null;
  trigger: string;
  triggerNode: string | null;
  input: Json;
  error: ErrorInfo;
  attempts: number;
  diedAt: Date;
  expiresAt: Date;
  redrivenAs: string | null;
  redrivenAt: Date | null;
}

/** Columns of {@link DeadLetterRow} from `dead_letters d`, joined with `agents a`. */
export const DEAD_LETTER_COLUMNS = `d.execution_id AS id, d.agent_id AS "agentId", a.name AS "agentName", d.deployment_id AS "deploymentId", d.version,
  d.conversation_id AS "conversationId", d.trigger, d.trigger_node AS "triggerNode", d.input, d.error, d.attempts, d.died_at AS "diedAt",
  d.expires_at AS "expiresAt", d.redriven_as AS "redrivenAs", d.redriven_at AS "redrivenAt"`;

/** How the API shows a dead letter. */
export function toDeadLetter(row: DeadLetterRow): DeadLetter {
  const { code, message, hint, nodeId } = row.error;
  return {
    id: row.id,
    agentId: row.agentId,
    ...(row.agentName === null ? {} : { agentName: row.agentName }),
    deploymentId: row.deploymentId,
    trigger: row.trigger,
    input: row.input,
    error: { code, message, ...(hint === undefined ? {} : { hint }), ...(nodeId === undefined ? {} : { nodeId }) },
    attempts: row.attempts,
    diedAt: row.diedAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    redrivenAs: row.redrivenAs,
    redrivenAt: row.redrivenAt?.toISOString() ?? null,
  };
}
