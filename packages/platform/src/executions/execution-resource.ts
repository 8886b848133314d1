import {
  executionStatus,
  type AgentDocument,
  type ErrorInfo,
  type ExecutionResource,
  type Json,
  type StepRecord,
  type TraceStep,
} from "@heddle/schema";
import { showValue } from "../large-values/show-value.ts";

export interface ExecutionRow {
  id: string;
  agentId: string;
  agentName: string | null;
  deploymentId: string | null;
  trigger: string;
  status: string;
  input: Json;
  output: Json | null;
  error: ErrorInfo | null;
  tokensUsed: number | null;
  costUsd: number | null;
  latency: number | null;
  conversationId: string | null;
  startedAt: Date;
  completedAt: Date | null;
}

/** Columns of {@link ExecutionRow} from `executions e`, joined with `agents a`. */
export const EXECUTION_COLUMNS = `e.id, e.agent_id AS "agentId", a.name AS "agentName", e.deployment_id AS "deploymentId", e.trigger, e.status, e.input, e.output, e.error,
  e.tokens_used AS "tokensUsed", e.cost_usd AS "costUsd", e.latency, e.conversation_id AS "conversationId", e.started_at AS "startedAt", e.completed_at AS "completedAt"`;

/** How the API shows an execution. */
export function toExecutionResource(row: ExecutionRow): ExecutionResource {
  const { error } = row;
  const { value: output, file: outputFile } = showValue(row.id, row.output);
  return {
    id: row.id,
    agentId: row.agentId,
    ...(row.agentName === null ? {} : { agentName: row.agentName }),
    deploymentId: row.deploymentId,
    trigger: row.trigger as ExecutionResource["trigger"],
    status: executionStatus.parse(row.status),
    input: row.input,
    output,
    ...(outputFile === undefined ? {} : { outputFile }),
    error:
      error === null
        ? null
        : {
            code: error.code,
            message: error.message,
            ...(error.hint === undefined ? {} : { hint: error.hint }),
            ...(error.nodeId === undefined ? {} : { nodeId: error.nodeId }),
          },
    tokensUsed: row.tokensUsed ?? 0,
    costUsd: row.costUsd,
    latency: row.latency,
    conversationId: row.conversationId,
    startedAt: row.startedAt.toISOString(),
    completedAt: row.completedAt?.toISOString() ?? null,
  };
}

/** One step of a trace, as it is stored, with what its node is called in the document that ran. `begin` is when the first step began, ms. */
export function toTraceStep(
  step: StepRecord,
  { executionId, document, begin }: { executionId: string; document: AgentDocument | undefined; begin: number },
): TraceStep {
  const { value: output, file: outputFile } = showValue(executionId, step.output ?? null);
  const node = document?.nodes.find((candidate) => candidate.id === step.nodeId);
  const error = step.status === "failed" ? step.error : null;
  return {
    key: step.key,
    nodeId: step.nodeId,
    nodeName: node?.name ?? step.nodeId,
    nodeType: node?.type ?? "unknown",
    status: step.status,
    output,
    ...(outputFile === undefined ? {} : { outputFile }),
    error: error === null ? null : { code: error.code, message: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) },
    ports: step.ports,
    attempts: step.attempts,
    tokensUsed: (step.modelCalls ?? []).reduce((sum, call) => sum + call.usage.inputTokens + call.usage.outputTokens, 0),
    startedAt: new Date(step.startedAt).toISOString(),
    offset: Math.round((step.startedAt - begin) * 1_000) / 1_000,
    duration: step.durationMs,
  };
}
