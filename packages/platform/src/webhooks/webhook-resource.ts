import type { WebhookAttempt, WebhookDelivery, WebhookDeliveryStatus, WebhookEvent, WebhookResource } from "@heddle/schema";
import { messageIdOf } from "./perform-delivery.ts";

export interface EndpointRow {
  id: string;
  url: string;
  description: string;
  events: WebhookEvent[];
  agentIds: string[];
  isEnabled: boolean;
  disabledReason: WebhookResource["disabledReason"];
  disabledAt: Date | null;
  failingSince: Date | null;
  createdAt: Date;
  updatedAt: Date;
}
export const ENDPOINT_COLUMNS = `id, url, description, events, agent_ids AS "agentIds", is_enabled AS "isEnabled",
  disabled_reason AS "disabledReason", disabled_at AS "disabledAt", failing_since AS "failingSince",
  created_at AS "createdAt", updated_at AS "updatedAt"`;

/** How the API shows an endpoint. */
export function toWebhookResource(row: EndpointRow, mayManage: boolean): WebhookResource {
  return {
    ...row,
    url: mayManage ? row.url : withoutQueryValues(row.url),
    disabledAt: row.disabledAt?.toISOString() ?? null,
    failingSince: row.failingSince?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

/** Receivers often take a key in the query, and that is for those who set it up. */
export function withoutQueryValues(url: string): string {
  return url.replaceAll(/([?&][^=&#]*=)[^&#]*/g, "$1…");
}

export interface DeliveryRow {
  id: string;
  webhookId: string;
  eventId: string;
  event: string;
  executionId: string | null;
  agentId: string | null;
  isTest: boolean;
  status: WebhookDeliveryStatus;
  attempts: number;
  nextAttemptAt: Date | null;
  responseStatus: number | null;
  errorCode: string | null;
  errorMessage: string | null;
  createdAt: Date;
  endedAt: Date | null;
}
export const DELIVERY_COLUMNS = `d.id, d.endpoint_id AS "webhookId", d.event_id AS "eventId", d.event_type AS event,
  d.execution_id AS "executionId", d.agent_id AS "agentId", d.is_test AS "isTest", d.status, d.attempts,
  d.next_attempt_at AS "nextAttemptAt", d.response_status AS "responseStatus", d.error_code AS "errorCode",
  d.error_message AS "errorMessage", d.created_at AS "createdAt", d.ended_at AS "endedAt"`;

/** How the API shows a delivery. */
export function toDelivery({ eventId, errorCode, errorMessage, ...row }: DeliveryRow): WebhookDelivery {
  return {
    ...row,
    messageId: messageIdOf(eventId),
    error: toError(errorCode, errorMessage),
    nextAttemptAt: row.nextAttemptAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
  };
}

export interface AttemptRow extends Omit<WebhookAttempt, "startedAt" | "error"> {
  startedAt: Date;
  errorCode: string | null;
  errorMessage: string | null;
}
export const ATTEMPT_COLUMNS = `number, started_at AS "startedAt", duration_ms AS duration, request_headers AS "requestHeaders",
  response_status AS "responseStatus", response_headers AS "responseHeaders", response_body AS "responseBody", is_body_cut AS "isBodyCut",
  error_code AS "errorCode", error_message AS "errorMessage"`;

export function toAttempt({ errorCode, errorMessage, ...row }: AttemptRow): WebhookAttempt {
  return { ...row, startedAt: row.startedAt.toISOString(), error: toError(errorCode, errorMessage) };
}

function toError(code: string | null, message: string | null): { code: string; message: string } | null {
  return code === null ? null : { code, message: message ?? "" };
}
