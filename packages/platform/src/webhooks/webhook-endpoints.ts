import { type Database, isId, uuidv7 } from "@heddle/db";
import { parseTargetUrl } from "@heddle/egress/target-url";
import { HeddleError, type Page, type WebhookEvent, type WebhookResource, type WebhookSecret } from "@heddle/schema";
import type { PoolClient } from "pg";
import { notFound, type Access } from "../access/access.ts";
import type { Actor } from "../access/actor.ts";
import { roleAllows } from "../access/permission.ts";
import type { AuditLog } from "../audit/audit-log.ts";
import type { Vault } from "../credentials/vault.ts";
import { idCursor, pageOf, takeFor, type PageRequest } from "../paging.ts";
import { disableEndpoint } from "./disable-endpoint.ts";
import { updateSubscription } from "./update-subscription.ts";
import { addSecret, showSecret } from "./webhook-secrets.ts";
import { ENDPOINT_COLUMNS, type EndpointRow, toWebhookResource } from "./webhook-resource.ts";

export interface WebhookInput {
  url: string;
  description?: string | undefined;
  events: WebhookEvent[];
  agentIds?: string[] | undefined;
  isEnabled?: boolean | undefined;
}
type Named = { workspaceId: string; id: string };

/** Where a workspace wants to hear of events. Members see it; administrators change it and see its secret. */
export interface WebhookEndpoints {
  list(actor: Actor, request: { workspaceId: string } & PageRequest): Promise<Page<WebhookResource>>;
  byId(actor: Actor, named: Named): Promise<WebhookResource>;
  /** @throws HeddleError invalid_request, http_blocked, unprocessable where there are enough */
  create(actor: Actor, input: { workspaceId: string } & WebhookInput): Promise<WebhookResource & { secret: string }>;
  /** Switching it off gives up on what is pending for it. */
  update(actor: Actor, input: Named & { [Key in keyof WebhookInput]?: WebhookInput[Key] | undefined }): Promise<WebhookResource>;
  delete(actor: Actor, named: Named): Promise<void>;
  /** The secret, for setting up the receiver. Every look is in the audit log. */
  secret(actor: Actor, named: Named): Promise<WebhookSecret>;
  /** Makes a new secret. The one before signs beside it for 24 h, or no more where it has leaked. */
  rotateSecret(actor: Actor, input: Named & { endsPrevious?: boolean | undefined }): Promise<WebhookSecret>;
}

export interface WebhookEndpointsOptions {
  db: Database;
  access: Access;
  audit: AuditLog;
  vault: Vault;
  now?: (() => Date) | undefined;
}

/** Every event is matched with all of them. */
const MAX_ENDPOINTS = 50;

export function createWebhookEndpoints({ db, access, audit, vault, now }: WebhookEndpointsOptions): WebhookEndpoints {
  const at = () => now?.() ?? null;
  /** Does something to an endpoint as somebody who may, and writes that down. */
  const manage = async <T>(
    actor: Actor,
    { workspaceId, id }: Named,
    action: string,
    act: (client: PoolClient, endpoint: EndpointRow) => Promise<T>,
  ): Promise<T> => {
    await access.authorize(actor, workspaceId, "settings.manage");
    return await db.withWorkspace(workspaceId, async (client) => {
      const endpoint = await mustSelect(client, id, "FOR NO KEY UPDATE");
      const result = await act(client, endpoint);
      await audit.recordWithin(client, { actor, workspaceId, action, target: id, details: { host: URL.parse(endpoint.url)?.host ?? "" } });
      return result;
    });
  };

  return {
    list: async (actor, { workspaceId, ...request }) => {
      const { role } = await access.authorize(actor, workspaceId, "read");
      const { rows } = await db.withWorkspace(workspaceId, (client) =>
        client.query<EndpointRow>(`${SELECT} WHERE ($1::uuid IS NULL OR id < $1) ORDER BY id DESC LIMIT $2`, [
          idCursor(request) ?? null,
          takeFor(request),
        ]),
      );
      const mayManage = role !== undefined && roleAllows(role, "settings.manage");
      return pageOf(
        rows,
        request,
        (row) => toWebhookResource(row, mayManage),
        (row) => row.id,
      );
    },
    byId: async (actor, { workspaceId, id }) => {
      const { role } = await access.authorize(actor, workspaceId, "read");
      const row = await db.withWorkspace(workspaceId, (client) => mustSelect(client, id));
      return toWebhookResource(row, role !== undefined && roleAllows(role, "settings.manage"));
    },
    create: async (actor, { workspaceId, url, description = "", events, agentIds = [], isEnabled = true }) => {
      await access.authorize(actor, workspaceId, "settings.manage");
      checkUrl(url);
      const id = uuidv7();
      return await db.withWorkspace(workspaceId, async (client) => {
        const { rows } = await client.query<{ count: number }>("SELECT count(*)::int AS count FROM webhook_endpoints");
        if ((rows[0]?.count ?? 0) >= MAX_ENDPOINTS)
          throw new HeddleError("unprocessable", `A workspace has at most ${MAX_ENDPOINTS} webhooks. Delete one that is not needed.`);
        await client.query(
          `INSERT INTO webhook_endpoints (id, workspace_id, url, description, events, agent_ids, is_enabled, disabled_reason, disabled_at, created_at, updated_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, CASE WHEN $7 THEN NULL ELSE 'person' END,
             CASE WHEN $7 THEN NULL ELSE coalesce($8::timestamptz, now()) END, coalesce($8::timestamptz, now()), coalesce($8::timestamptz, now()))`,
          [id, workspaceId, url, description, unique(events), unique(agentIds), isEnabled, at()],
        );
        const secret = await addSecret(vault, { client, workspaceId, endpointId: id, at: at() });
        await updateSubscription(client, { workspaceId, changes: db.changes });
        await audit.recordWithin(client, {
          actor, workspaceId, action: "webhook.created", target: id, details: { host: URL.parse(url)?.host ?? "", events },
        }); // prettier-ignore
        return { ...toWebhookResource(await mustSelect(client, id), true), secret };
      });
    },
    update: async (actor, { workspaceId, id, url, description, events, agentIds, isEnabled }) =>
      await manage(actor, { workspaceId, id }, "webhook.changed", async (client, endpoint) => {
        if (url !== undefined) checkUrl(url);
        const isSwitchedOn = isEnabled === true && !endpoint.isEnabled;
        await client.query(
          `UPDATE webhook_endpoints SET url = coalesce($2, url), description = coalesce($3, description), events = coalesce($4, events),
             agent_ids = coalesce($5::uuid[], agent_ids), updated_at = coalesce($6::timestamptz, now()),
             is_enabled = is_enabled OR $7, disabled_reason = CASE WHEN $7 THEN NULL ELSE disabled_reason END,
             disabled_at = CASE WHEN $7 THEN NULL ELSE disabled_at END, failing_since = CASE WHEN $7 THEN NULL ELSE failing_since END
           WHERE id = $1`,
          [id, url ?? null, description ?? null, events === undefined ? null : unique(events), agentIds === undefined ? null : unique(agentIds), at(), isSwitchedOn],
        ); // prettier-ignore
        if (isEnabled === false && endpoint.isEnabled)
          await disableEndpoint(client, { workspaceId, endpointId: id, reason: "person", at: at(), changes: db.changes });
        else await updateSubscription(client, { workspaceId, changes: db.changes });
        return toWebhookResource(await mustSelect(client, id), true);
      }),
    delete: async (actor, { workspaceId, id }) =>
      await manage(actor, { workspaceId, id }, "webhook.deleted", async (client) => {
        await client.query("DELETE FROM webhook_endpoints WHERE id = $1", [id]);
        await updateSubscription(client, { workspaceId, changes: db.changes });
      }),
    secret: async (actor, { workspaceId, id }) =>
      await manage(actor, { workspaceId, id }, "webhook.secret_shown", (client) =>
        showSecret(vault, { client, workspaceId, endpointId: id, at: at() }),
      ),
    rotateSecret: async (actor, { workspaceId, id, endsPrevious = false }) =>
      await manage(actor, { workspaceId, id }, "webhook.secret_rotated", async (client) => {
        const owner = { client, workspaceId, endpointId: id, at: at() };
        await addSecret(vault, owner, endsPrevious);
        return await showSecret(vault, owner);
      }),
  };
}

const SELECT = `SELECT ${ENDPOINT_COLUMNS} FROM webhook_endpoints`;

async function mustSelect(client: PoolClient, id: string, lock: "FOR NO KEY UPDATE" | "" = ""): Promise<EndpointRow> {
  const row = isId(id) ? (await client.query<EndpointRow>(`${SELECT} WHERE id = $1 ${lock}`, [id])).rows[0] : undefined;
  if (row === undefined) throw notFound("webhook");
  return row;
}

/** The form of it; where it leads is checked at every connection. @throws HeddleError invalid_request */
function checkUrl(url: string): void {
  try {
    parseTargetUrl(url);
  } catch (cause) {
    throw new HeddleError("invalid_request", cause instanceof Error ? cause.message : "This is not an address.", {
      details: { field: "url" },
      cause,
    });
  }
}

function unique<T>(items: readonly T[]): T[] {
  return [...new Set(items)];
}
