import { uuidv7 } from "@heddle/db";
import { webhookEvent, type ErrorInfo, type Json } from "@heddle/schema";
import type { PoolClient } from "pg";
import { fitsInto, fromStoredInline, referenceOf } from "../large-values/stored-value.ts";

/** What happened to an execution, as the outbox tells it. */
export interface ExecutionNews {
  /** Such as `execution.completed`. */
  event: string;
  at: Date;
  id: string;
  workspaceId: string;
  agentId: string;
  /** Null for a test of a draft. */
  deploymentId: string | null;
  version: number | null;
  trigger: string;
  /** As it is stored. */
  output: Json;
  error: ErrorInfo | null;
  tokensUsed: number | null;
  costUsd: number | null;
  /** ms */
  latency: number | null;
  startedAt: Date;
}

/** Bytes of an output that travels along. Standard Webhooks asks for small messages; a larger one is fetched by its id. */
const MAX_OUTPUT_BYTES = 16 * 1024;

/**
 * Writes a delivery for every endpoint that waits for this, in the transaction that hands the news on. Tests of drafts
 * are nobody's business outside.
 * @returns how many
 */
export async function enqueueNews(client: PoolClient, news: ExecutionNews, at: Date | null): Promise<number> {
  if (news.deploymentId === null || !webhookEvent.safeParse(news.event).success) return 0;
  const written = await enqueueEvent(client, news, at);
  // A failure that nobody may try again by itself left a letter in the commit that made it true.
  if (news.event !== "execution.failed") return written;
  const letter = await client.query(SELECT_LETTER, [news.workspaceId, news.id]);
  return letter.rowCount === 0 ? written : written + (await enqueueEvent(client, { ...news, event: "execution.dead_lettered" }, at));
}

async function enqueueEvent(client: PoolClient, news: ExecutionNews, at: Date | null): Promise<number> {
  const { rows } = await client.query<{ id: string; agentName: string | null }>(SELECT_ENDPOINTS, [
    news.workspaceId,
    news.event,
    news.agentId,
  ]);
  const [first] = rows;
  if (first === undefined) return 0;
  const values = [
    news.workspaceId, rows.map(() => uuidv7()), rows.map((row) => row.id), uuidv7(), news.event, news.id, news.agentId,
    JSON.stringify({ type: news.event, timestamp: news.at.toISOString(), data: dataOf(news, first.agentName) }), at,
  ]; // prettier-ignore
  return (await client.query(INSERT_DELIVERIES, values)).rowCount ?? 0;
}

/** What a message tells of an execution. Never its input, which may hold what its sender wants nobody else to see. */
function dataOf(news: ExecutionNews, agentName: string | null): Json {
  const isLarge = referenceOf(news.output) !== undefined || !fitsInto(MAX_OUTPUT_BYTES, news.output);
  return {
    executionId: news.id,
    workspaceId: news.workspaceId,
    agentId: news.agentId,
    agentName,
    deploymentId: news.deploymentId,
    version: news.version,
    trigger: news.trigger,
    output: isLarge ? null : fromStoredInline(news.output),
    isOutputOmitted: isLarge,
    error: news.error === null ? null : { code: news.error.code, message: news.error.message },
    tokensUsed: news.tokensUsed ?? 0,
    costUsd: news.costUsd,
    latency: news.latency,
    startedAt: news.startedAt.toISOString(),
  };
}

const SELECT_LETTER = "SELECT FROM dead_letters WHERE workspace_id = $1 AND execution_id = $2";
const SELECT_ENDPOINTS = `SELECT e.id, (SELECT a.name FROM agents a WHERE a.workspace_id = $1 AND a.id = $3::uuid) AS "agentName"
  FROM webhook_endpoints e WHERE e.workspace_id = $1 AND e.is_enabled AND $2 = ANY (e.events)
    AND (e.agent_ids = '{}' OR $3::uuid = ANY (e.agent_ids))`;
const INSERT_DELIVERIES = `INSERT INTO webhook_deliveries
  (workspace_id, id, endpoint_id, event_id, event_type, execution_id, agent_id, payload, status, next_attempt_at, created_at)
  SELECT $1, made.id, made.endpoint_id, $4, $5, $6, $7, $8, 'PENDING', coalesce($9::timestamptz, now()), coalesce($9::timestamptz, now())
  FROM unnest($2::uuid[], $3::uuid[]) AS made (id, endpoint_id)
  ON CONFLICT (workspace_id, endpoint_id, event_id) DO NOTHING`;
