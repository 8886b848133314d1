import { type Database, isId, uuidv7 } from "@heddle/db";
import {
  HeddleError,
  type Page,
  WEBHOOK_TEST,
  type WebhookDelivery,
  type WebhookDeliveryDetail,
  type WebhookDeliveryStatus,
} from "@heddle/schema";
import type { PoolClient } from "pg";
import { type Access, notFound } from "../access/access.ts";
import type { Actor } from "../access/actor.ts";
import { roleAllows } from "../access/permission.ts";
import type { AuditLog } from "../audit/audit-log.ts";
import { idCursor, pageOf, takeFor, type PageRequest } from "../paging.ts";
import { type DeliveryOptions, leaseOf, performDelivery } from "./perform-delivery.ts";
import {
  ATTEMPT_COLUMNS, type AttemptRow, DELIVERY_COLUMNS, type DeliveryRow, toAttempt, toDelivery, withoutQueryValues,
} from "./webhook-resource.ts"; // prettier-ignore

type Named = { workspaceId: string; webhookId: string };

/** What was sent, or is to be. Members see it; administrators send tests and send anew. */
export interface WebhookDeliveries {
  /** Newest first. */
  list(
    actor: Actor,
    request: Named & { status?: WebhookDeliveryStatus | undefined; event?: string | undefined } & PageRequest,
  ): Promise<Page<WebhookDelivery>>;
  byId(actor: Actor, named: Named & { id: string }): Promise<WebhookDeliveryDetail>;
  /** Sends a test once, at once. @returns what came of it; also where the endpoint is switched off */
  test(actor: Actor, named: Named): Promise<WebhookDeliveryDetail>;
  /**
   * Sends a dead letter anew, with all attempts before it, or a pending one at once, under the same webhook-id. What was
   * delivered stays so: asking twice sends once.
   * @throws HeddleError unprocessable where the endpoint is off, or it was a test
   */
  redrive(actor: Actor, named: Named & { id: string }): Promise<WebhookDelivery>;
  /** Sends all dead letters anew whose events are not older. @returns how many */
  redriveSince(actor: Actor, named: Named & { since: Date }): Promise<number>;
}

export interface WebhookDeliveriesOptions {
  db: Database;
  access: Access;
  audit: AuditLog;
  sending: DeliveryOptions;
  /** Told when something has become due. */
  onDue: () => void;
}

export function createWebhookDeliveries({ db, access, audit, sending, onDue }: WebhookDeliveriesOptions): WebhookDeliveries {
  const at = () => sending.now?.() ?? null;
  const read = async (workspaceId: string, webhookId: string, id: string, mayManage: boolean): Promise<WebhookDeliveryDetail> =>
    await db.withWorkspace(workspaceId, async (client) => {
      const { url } = await mustSelectEndpoint(client, webhookId);
      const delivery = await mustSelectDelivery(client, webhookId, id);
      const { rows } = await client.query<AttemptRow>(
        `SELECT ${ATTEMPT_COLUMNS} FROM webhook_attempts WHERE delivery_id = $1 ORDER BY number`,
        [id],
      );
      const { payload, ...row } = delivery;
      return { ...toDelivery(row), url: mayManage ? url : withoutQueryValues(url), requestBody: payload, log: rows.map(toAttempt) };
    });

  return {
    list: async (actor, { workspaceId, webhookId, status, event, ...request }) => {
      await access.authorize(actor, workspaceId, "read");
      const { rows } = await db.withWorkspace(workspaceId, async (client) => {
        await mustSelectEndpoint(client, webhookId);
        return await client.query<DeliveryRow>(
          `SELECT ${DELIVERY_COLUMNS} FROM webhook_deliveries d WHERE d.workspace_id = $1 AND d.endpoint_id = $2
             AND ($3::text IS NULL OR d.status = $3) AND ($4::text IS NULL OR d.event_type = $4) AND ($5::uuid IS NULL OR d.id < $5)
           ORDER BY d.id DESC LIMIT $6`,
          [workspaceId, webhookId, status ?? null, event ?? null, idCursor(request) ?? null, takeFor(request)],
        );
      });
      return pageOf(rows, request, toDelivery, (row) => row.id);
    },
    byId: async (actor, { workspaceId, webhookId, id }) => {
      const { role } = await access.authorize(actor, workspaceId, "read");
      return await read(workspaceId, webhookId, id, role !== undefined && roleAllows(role, "settings.manage"));
    },
    test: async (actor, { workspaceId, webhookId }) => {
      await access.authorize(actor, workspaceId, "settings.manage");
      const [id, leaseId] = [uuidv7(), uuidv7()];
      const body = {
        type: WEBHOOK_TEST,
        timestamp: (at() ?? new Date()).toISOString(),
        data: { webhookId, message: "Heddle can reach you." },
      };
      await db.withWorkspace(workspaceId, async (client) => {
        await mustSelectEndpoint(client, webhookId);
        await client.query(INSERT_TEST, [
          id,
          workspaceId,
          webhookId,
          uuidv7(),
          WEBHOOK_TEST,
          JSON.stringify(body),
          at(),
          leaseOf(sending),
          leaseId,
        ]);
      });
      await performDelivery(sending, { id, workspaceId, leaseId }, new AbortController().signal);
      return await read(workspaceId, webhookId, id, true);
    },
    redrive: async (actor, { workspaceId, webhookId, id }) => {
      await access.authorize(actor, workspaceId, "settings.manage");
      const delivery = await db.withWorkspace(workspaceId, async (client) => {
        const endpoint = await mustSelectEndpoint(client, webhookId, "FOR NO KEY UPDATE");
        const before = await mustSelectDelivery(client, webhookId, id);
        if (before.isTest) throw new HeddleError("unprocessable", "A test is sent once. Send another one instead.");
        if (before.status === "DELIVERED") return before;
        refuseDisabled(endpoint);
        await client.query(`${REDRIVE} id = $2 AND status = 'DEAD_LETTERED'`, [at(), id]);
        await client.query(
          `UPDATE webhook_deliveries SET next_attempt_at = least(next_attempt_at, coalesce($1::timestamptz, now()))
           WHERE id = $2 AND status = 'PENDING' AND lease_id IS NULL`,
          [at(), id],
        );
        await audit.recordWithin(client, { actor, workspaceId, action: "webhook.redriven", target: webhookId, details: { delivery: id } });
        return await mustSelectDelivery(client, webhookId, id);
      });
      onDue();
      const { payload: _payload, ...row } = delivery;
      return toDelivery(row);
    },
    redriveSince: async (actor, { workspaceId, webhookId, since }) => {
      await access.authorize(actor, workspaceId, "settings.manage");
      const count = await db.withWorkspace(workspaceId, async (client) => {
        refuseDisabled(await mustSelectEndpoint(client, webhookId, "FOR NO KEY UPDATE"));
        const { rowCount } = await client.query(
          `${REDRIVE} workspace_id = $2 AND endpoint_id = $3 AND status = 'DEAD_LETTERED' AND created_at >= $4`,
          [at(), workspaceId, webhookId, since],
        );
        const redriven = rowCount ?? 0;
        await audit.recordWithin(client, {
          actor, workspaceId, action: "webhook.redriven", target: webhookId, details: { since: since.toISOString(), count: redriven },
        }); // prettier-ignore
        return redriven;
      });
      onDue();
      return count;
    },
  };
}

const INSERT_TEST = `INSERT INTO webhook_deliveries
  (id, workspace_id, endpoint_id, event_id, event_type, payload, is_test, status, next_attempt_at, lease_id, created_at)
  VALUES ($1, $2, $3, $4, $5, $6, true, 'PENDING', coalesce($7::timestamptz, now()) + $8::interval, $9, coalesce($7::timestamptz, now()))`;
/** A new round of attempts. */
const REDRIVE = `UPDATE webhook_deliveries SET status = 'PENDING', next_attempt_at = coalesce($1::timestamptz, now()), lease_id = NULL,
  round_attempts = 0, ended_at = NULL WHERE`;

async function mustSelectEndpoint(
  client: PoolClient,
  id: string,
  lock: "FOR NO KEY UPDATE" | "" = "",
): Promise<{ url: string; isEnabled: boolean }> {
  const sql = `SELECT url, is_enabled AS "isEnabled" FROM webhook_endpoints WHERE id = $1 ${lock}`;
  const row = isId(id) ? (await client.query<{ url: string; isEnabled: boolean }>(sql, [id])).rows[0] : undefined;
  if (row === undefined) throw notFound("webhook");
  return row;
}

async function mustSelectDelivery(client: PoolClient, webhookId: string, id: string): Promise<DeliveryRow & { payload: string }> {
  const sql = `SELECT ${DELIVERY_COLUMNS}, d.payload FROM webhook_deliveries d WHERE d.endpoint_id = $1 AND d.id = $2`;
  const row = isId(id) ? (await client.query<DeliveryRow & { payload: string }>(sql, [webhookId, id])).rows[0] : undefined;
  if (row === undefined) throw notFound("webhookDelivery");
  return row;
}

function refuseDisabled({ isEnabled }: { isEnabled: boolean }): void {
  if (!isEnabled) throw new HeddleError("unprocessable", "This webhook is switched off. Switch it on before you send anything to it.");
}
