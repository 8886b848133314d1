import { createSecretKey } from "node:crypto";
import { type Database, isId, uuidv7 } from "@heddle/db";
import { type ApiKeyResource, type ApiKeyScope, HeddleError, type Page } from "@heddle/schema";
import { type Access, notFound } from "../access/access.ts";
import type { Actor, ApiKeyActor } from "../access/actor.ts";
import type { AuditLog } from "../audit/audit-log.ts";
import { idCursor, pageOf, type PageRequest, takeFor } from "../paging.ts";
import { createKey, hashKey, isKey, keyPrefix } from "./key-format.ts";

export interface ApiKeys {
  /** Whose key this is, where that was asked lately; undefined says nothing about the key. Costs no query and no hash. */
  recall(key: string): ApiKeyActor | undefined;
  /** Whose key this is; undefined for one that is unknown, revoked or expired. Asks the database once in a while only. */
  authenticate(key: string): Promise<ApiKeyActor | undefined>;
  list(actor: Actor, request: { workspaceId: string } & PageRequest): Promise<Page<ApiKeyResource>>;
  /** `key` is shown this once and stored as a hash. @throws HeddleError invalid_request, forbidden */
  create(
    actor: Actor,
    input: {
      workspaceId: string;
      name: string;
      scopes: ApiKeyScope[];
      expiresAt?: string | undefined;
      rateLimit?: number | null | undefined;
    },
  ): Promise<ApiKeyResource & { key: string }>;
  /** Changes what a key is called and how many requests a minute it may make, in every process. @throws HeddleError not_found, forbidden */
  update(
    actor: Actor,
    input: { workspaceId: string; id: string; name?: string | undefined; rateLimit?: number | null | undefined },
  ): Promise<ApiKeyResource>;
  /** Ends a key at once, in every process. @throws HeddleError not_found, forbidden */
  revoke(actor: Actor, input: { workspaceId: string; id: string }): Promise<void>;
  close(): void;
}

export interface ApiKeysOptions {
  db: Database;
  access: Access;
  audit: AuditLog;
  /** Keeps hashes useless to whoever has the database only. */
  pepper: Uint8Array;
}

/** How long a key may be remembered, ms. Its end is told at once; this is for the message that got lost. */
const TTL = 5_000;
/** How long before that a key in use is looked up again, so that nobody waits for it, ms. */
const ASK_AHEAD = 2_000;
const MAX_REMEMBERED = 10_000;
/** How exact "last used" is, ms. */
const USE_INTERVAL = 60_000;

export function createApiKeys({ db, access, audit, pepper: pepperBytes }: ApiKeysOptions): ApiKeys {
  // Made once: making it of bytes for each request took 13 of the 16 µs of hashing a key.
  const pepper = createSecretKey(pepperBytes);
  // By the key itself: hashing it for each request would cost more than the rest of its check.
  const remembered = new Map<string, { actor: ApiKeyActor; expiresAt: number; until: number; isAsked: boolean }>();
  const lastUses = new Map<string, number>();
  // Counts what was told, so that an answer that was under way meanwhile is not remembered.
  let changes = 0;
  const close = db.changes.subscribe((event) => {
    if (event.kind !== "apiKey" && event.kind !== "missed") return;
    changes += 1;
    for (const [key, { actor }] of remembered) if (event.kind === "missed" || actor.apiKeyId === event.id) remembered.delete(key);
  });

  const noteUse = (actor: ApiKeyActor): void => {
    const now = Date.now();
    if ((lastUses.get(actor.apiKeyId) ?? 0) > now - USE_INTERVAL) return;
    if (lastUses.size >= MAX_REMEMBERED) lastUses.clear();
    lastUses.set(actor.apiKeyId, now);
    const update = db.withWorkspace(actor.workspaceId, (client) =>
      client.query("UPDATE api_keys SET last_used_at = now() WHERE id = $1", [actor.apiKeyId]),
    );
    // It is a convenience for people; a request must not fail for it.
    update.catch(() => lastUses.delete(actor.apiKeyId));
  };

  const recall = (key: string): ApiKeyActor | undefined => {
    const entry = remembered.get(key);
    if (entry === undefined) return undefined;
    const now = Date.now();
    if (entry.until <= now || entry.expiresAt <= now) {
      remembered.delete(key);
      return undefined;
    }
    if (!entry.isAsked && entry.until - now < ASK_AHEAD) {
      entry.isAsked = true;
      // Where it fails, the key is asked for again once it is forgotten, by someone who is told.
      ask(key).catch(() => undefined);
    }
    noteUse(entry.actor);
    return entry.actor;
  };

  const ask = async (key: string): Promise<ApiKeyActor | undefined> => {
    const before = changes;
    const found = await db.lookups.apiKeyByHash(hashKey(key, pepper));
    const now = Date.now();
    const expiresAt = found?.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
    if (found === undefined || expiresAt <= now) {
      remembered.delete(key);
      return undefined;
    }
    const actor: ApiKeyActor = {
      kind: "apiKey",
      apiKeyId: found.id,
      workspaceId: found.workspaceId,
      name: found.name,
      scopes: found.scopes as ApiKeyScope[],
      ...(found.ratePerMinute === null ? {} : { rateLimit: found.ratePerMinute }),
    };
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    if (before === changes) remembered.set(key, { actor, expiresAt, until: now + TTL, isAsked: false });
    return actor;
  };

  return {
    close,
    recall,
    authenticate: async (key) => {
      const known = recall(key);
      if (known !== undefined) return known;
      if (!isKey(key)) return undefined;
      const actor = await ask(key);
      if (actor !== undefined) noteUse(actor);
      return actor;
    },
    list: async (actor, { workspaceId, ...request }) => {
      await access.authorize(actor, workspaceId, "apiKeys.manage");
      const after = idCursor(request);
      const rows = await db.prismaFor(workspaceId).apiKey.findMany({
        where: after === undefined ? {} : { id: { lt: after } },
        orderBy: { id: "desc" },
        take: takeFor(request),
      });
      return pageOf(rows, request, toResource, (row) => row.id);
    },
    create: async (actor, { workspaceId, name, scopes, expiresAt, rateLimit = null }) => {
      await access.authorize(actor, workspaceId, "apiKeys.manage");
      const expiry = expiresAt === undefined ? null : new Date(expiresAt);
      if (expiry !== null && !(expiry.getTime() > Date.now())) {
        throw new HeddleError("invalid_request", "A key can't expire in the past.", { details: { field: "expiresAt" } });
      }
      const key = createKey();
      const row = {
        id: uuidv7(), name, prefix: keyPrefix(key), scopes: [...new Set(scopes)],
        ratePerMinute: rateLimit, lastUsedAt: null, expiresAt: expiry, createdAt: new Date(),
      }; // prettier-ignore
      await db.withWorkspace(workspaceId, async (client) => {
        await client.query(
          `INSERT INTO api_keys (id, workspace_id, name, prefix, key_hash, scopes, created_by, expires_at, created_at, rate_per_minute)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
          [
            row.id,
            workspaceId,
            name,
            row.prefix,
            hashKey(key, pepper),
            row.scopes,
            actor.kind === "user" ? actor.userId : null,
            expiry,
            row.createdAt,
            rateLimit,
          ],
        );
        await audit.recordWithin(client, {
          actor, workspaceId, action: "apiKey.created", target: row.id, details: { name, prefix: row.prefix, scopes: row.scopes, ...(rateLimit === null ? {} : { rateLimit }) },
        }); // prettier-ignore
      });
      return { ...toResource(row), key };
    },
    update: async (actor, { workspaceId, id, name, rateLimit }) => {
      await access.authorize(actor, workspaceId, "apiKeys.manage");
      if (!isId(id)) throw notFound("apiKey");
      return await db.withWorkspace(workspaceId, async (client) => {
        const { rows } = await client.query<ApiKeyRow>(
          `UPDATE api_keys SET name = coalesce($2, name), rate_per_minute = CASE WHEN $3 THEN $4::integer ELSE rate_per_minute END
           WHERE id = $1 RETURNING id, name, prefix, scopes, rate_per_minute AS "ratePerMinute", last_used_at AS "lastUsedAt",
             expires_at AS "expiresAt", created_at AS "createdAt"`,
          [id, name ?? null, rateLimit !== undefined, rateLimit ?? null],
        );
        if (rows[0] === undefined) throw notFound("apiKey");
        const details = { name: rows[0].name, rateLimit: rows[0].ratePerMinute };
        await audit.recordWithin(client, { actor, workspaceId, action: "apiKey.updated", target: id, details });
        await db.changes.publish({ kind: "apiKey", id, workspaceId }, client);
        return toResource(rows[0]);
      });
    },
    revoke: async (actor, { workspaceId, id }) => {
      await access.authorize(actor, workspaceId, "apiKeys.manage");
      if (!isId(id)) throw notFound("apiKey");
      await db.withWorkspace(workspaceId, async (client) => {
        const { rows } = await client.query<{ name: string }>("DELETE FROM api_keys WHERE id = $1 RETURNING name", [id]);
        if (rows[0] === undefined) throw notFound("apiKey");
        await audit.recordWithin(client, { actor, workspaceId, action: "apiKey.revoked", target: id, details: { name: rows[0].name } });
        await db.changes.publish({ kind: "apiKey", id, workspaceId }, client);
      });
    },
  };
}

interface ApiKeyRow {
  id: string;
  name: string;
  prefix: string;
  scopes: string[];
  ratePerMinute: number | null;
  lastUsedAt: Date | null;
  expiresAt: Date | null;
  createdAt: Date;
}
function toResource({ id, name, prefix, scopes, ratePerMinute, lastUsedAt, expiresAt, createdAt }: ApiKeyRow): ApiKeyResource {
  return {
    id,
    name,
    prefix,
    scopes: scopes as ApiKeyScope[],
    rateLimit: ratePerMinute,
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
    expiresAt: expiresAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
  };
}
