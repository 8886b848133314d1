import { type Database, isId, uuidv7 } from "@heddle/db";
import { type CredentialDefinition, type CredentialPort, fieldHint, type ResolvedCredential } from "@heddle/node-kit";
import { type CredentialResource, HeddleError, type Page } from "@heddle/schema";
import type { PoolClient } from "pg";
import type { z } from "zod";
import { type Access, notFound } from "../access/access.ts";
import type { Actor } from "../access/actor.ts";
import type { AuditLog } from "../audit/audit-log.ts";
import { refuseTaken } from "../conflict.ts";
import { idCursor, pageOf, type PageRequest, takeFor } from "../paging.ts";
import { checkFields, isSecret } from "./credential-fields.ts";
import type { Vault } from "./vault.ts";

export interface CredentialTypeResource {
  type: string;
  name: string;
  icon: string;
  docs: string;
  fields: { name: string; label: string; isSecret: boolean; isRequired: boolean }[];
}

export interface Credentials {
  types(): CredentialTypeResource[];
  /** Without secrets, newest first. */
  list(actor: Actor, request: { workspaceId: string } & PageRequest): Promise<Page<CredentialResource>>;
  /** @throws HeddleError invalid_request, conflict, forbidden */
  create(
    actor: Actor,
    input: { workspaceId: string; name: string; type: string; fields: Record<string, string>; allowedHosts?: string[] | undefined },
  ): Promise<CredentialResource>;
  /** Fields that are left out keep their values. @throws HeddleError not_found, invalid_request, conflict, forbidden */
  update(
    actor: Actor,
    input: { id: string; name?: string | undefined; fields?: Record<string, string> | undefined; allowedHosts?: string[] | undefined },
  ): Promise<CredentialResource>;
  delete(actor: Actor, id: string): Promise<void>;
  /** The secrets of one workspace, for its runs. */
  forWorkspace(workspaceId: string): CredentialPort;
  /** What could connect a model, for runs; no secrets. */
  namesOf(workspaceId: string): Promise<{ id: string; type: string; name: string }[]>;
  close(): void;
}

export interface CredentialsOptions {
  db: Database;
  access: Access;
  audit: AuditLog;
  vault: Vault;
  definitions: ReadonlyMap<string, CredentialDefinition>;
}

/** How long a stored credential may be remembered, ms. It is remembered sealed. */
const TTL = 30_000;
const MAX_REMEMBERED = 5_000;

export function createCredentials({ db, access, audit, vault, definitions }: CredentialsOptions): Credentials {
  const remembered = new Map<string, { row: CredentialRow; until: number }>();
  let changes = 0;
  const close = db.changes.subscribe((event) => {
    if (event.kind !== "credential" && event.kind !== "missed") return;
    changes += 1;
    if (event.kind === "missed") remembered.clear();
    else remembered.delete(`${event.workspaceId} ${event.id}`);
  });
  const definitionOf = (type: string): CredentialDefinition => {
    const definition = definitions.get(type);
    if (definition === undefined)
      throw new HeddleError("invalid_request", "There is no such kind of credential.", { details: { field: "type" } });
    return definition;
  };
  // Opened once per row that is remembered, and forgotten with it.
  const resolved = new WeakMap<CredentialRow, ResolvedCredential>();
  const find = async (workspaceId: string, id: string): Promise<CredentialRow> => {
    const key = `${workspaceId} ${id}`;
    const known = remembered.get(key);
    if (known !== undefined && known.until > Date.now()) return known.row;
    const before = changes;
    const row = isId(id) ? await db.withWorkspace(workspaceId, (client) => select(client, id)) : undefined;
    if (row === undefined) throw notFound("credential");
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    if (before === changes) remembered.set(key, { row, until: Date.now() + TTL });
    return row;
  };
  const openSecrets = async (workspaceId: string, row: CredentialRow, client?: PoolClient): Promise<Record<string, string>> =>
    JSON.parse(await vault.open(workspaceId, `${row.id}|${row.version}`, row, client)) as Record<string, string>;
  const changed = (client: PoolClient, workspaceId: string, id: string): Promise<void> =>
    db.changes.publish({ kind: "credential", id, workspaceId }, client);

  return {
    close,
    types: () => [...definitions.values()].map(describeType),
    list: async (actor, { workspaceId, ...request }) => {
      await access.authorize(actor, workspaceId, "read");
      const { rows } = await db.withWorkspace(workspaceId, (client) =>
        client.query<CredentialRow>(`${SELECT} WHERE ($1::uuid IS NULL OR id < $1) ORDER BY id DESC LIMIT $2`, [
          idCursor(request) ?? null,
          takeFor(request),
        ]),
      );
      return pageOf(rows, request, toResource, (row) => row.id);
    },
    create: async (actor, { workspaceId, name, type, fields, allowedHosts: hosts }) => {
      await access.authorize(actor, workspaceId, "credentials.manage");
      const { open, secret, allowedHosts } = checkFields(definitionOf(type), fields, hosts);
      const id = uuidv7();
      return db
        .withWorkspace(workspaceId, async (client) => {
          const { sealed, keyVersion } = await vault.seal(client, workspaceId, `${id}|1`, JSON.stringify(secret));
          await client.query(
            `INSERT INTO credentials (id, workspace_id, name, type, fields, allowed_hosts, sealed, key_version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
            [id, workspaceId, name, type, JSON.stringify(open), allowedHosts, sealed, keyVersion],
          );
          await audit.recordWithin(client, {
            actor,
            workspaceId,
            action: "credential.created",
            target: id,
            details: { name, type, allowedHosts },
          });
          await changed(client, workspaceId, id);
          return toResource(await mustSelect(client, id));
        })
        .catch((error: unknown) => refuseTaken(error, "There is a credential with this name."));
    },
    update: async (actor, { id, name, fields = {}, allowedHosts: hosts }) => {
      const { workspaceId } = await access.authorizeResource(actor, "credential", id, "credentials.manage");
      const update = async (client: PoolClient): Promise<CredentialResource> => {
        const row = await mustSelect(client, id, "FOR UPDATE");
        const before = { ...row.fields, ...(await openSecrets(workspaceId, row, client)) };
        const checked = checkFields(definitionOf(row.type), { ...before, ...fields }, hosts ?? row.allowedHosts);
        refuseRedirection(row, checked.allowedHosts, checked.secret, fields);
        const version = row.version + 1;
        const { sealed, keyVersion } = await vault.seal(client, workspaceId, `${id}|${version}`, JSON.stringify(checked.secret));
        await client.query(
          `UPDATE credentials SET name = $2, fields = $3, allowed_hosts = $4, sealed = $5, key_version = $6, version = $7, updated_at = now()
           WHERE id = $1`,
          [id, name ?? row.name, JSON.stringify(checked.open), checked.allowedHosts, sealed, keyVersion, version],
        );
        await audit.recordWithin(client, {
          actor, workspaceId, action: "credential.changed", target: id,
          details: { name: name ?? row.name, fields: Object.keys(fields), allowedHosts: checked.allowedHosts },
        }); // prettier-ignore
        await changed(client, workspaceId, id);
        return toResource(await mustSelect(client, id));
      };
      return db.withWorkspace(workspaceId, update).catch((error: unknown) => refuseTaken(error, "There is a credential with this name."));
    },
    delete: async (actor, id) => {
      const { workspaceId } = await access.authorizeResource(actor, "credential", id, "credentials.manage");
      await db.withWorkspace(workspaceId, async (client) => {
        const row = await mustSelect(client, id);
        await client.query("DELETE FROM credentials WHERE id = $1", [id]);
        await audit.recordWithin(client, {
          actor,
          workspaceId,
          action: "credential.deleted",
          target: id,
          details: { name: row.name, type: row.type },
        });
        await changed(client, workspaceId, id);
      });
    },
    forWorkspace: (workspaceId) => ({
      resolve: async (id): Promise<ResolvedCredential> => {
        const row = await find(workspaceId, id);
        const known = resolved.get(row);
        if (known !== undefined) return known;
        const { type, allowedHosts } = row;
        const opened = { id: row.id, type, fields: { ...row.fields, ...(await openSecrets(workspaceId, row)) }, allowedHosts };
        resolved.set(row, opened);
        return opened;
      },
    }),
    namesOf: async (workspaceId) =>
      db.prismaFor(workspaceId).credential.findMany({ select: { id: true, type: true, name: true }, orderBy: { id: "asc" }, take: 1_000 }),
  };
}

interface CredentialRow {
  id: string;
  name: string;
  type: string;
  fields: Record<string, string>;
  allowedHosts: string[];
  sealed: Buffer;
  keyVersion: number;
  version: number;
  createdAt: Date;
  updatedAt: Date;
}

const SELECT = `SELECT id, name, type, fields, allowed_hosts AS "allowedHosts", sealed, key_version AS "keyVersion", version,
  created_at AS "createdAt", updated_at AS "updatedAt" FROM credentials`;

async function select(client: PoolClient, id: string, lock: "FOR UPDATE" | "" = ""): Promise<CredentialRow | undefined> {
  return (await client.query<CredentialRow>(`${SELECT} WHERE id = $1 ${lock}`, [id])).rows[0];
}
async function mustSelect(client: PoolClient, id: string, lock: "FOR UPDATE" | "" = ""): Promise<CredentialRow> {
  const row = isId(id) ? await select(client, id, lock) : undefined;
  if (row === undefined) throw notFound("credential");
  return row;
}

/** A secret that was entered for one host must be entered again for another: who may change hosts need not know it. */
function refuseRedirection(row: CredentialRow, hosts: string[], secret: Record<string, string>, given: Record<string, string>): void {
  const isWider = hosts.some((host) => !row.allowedHosts.includes(host));
  const kept = Object.keys(secret).filter((name) => !Object.hasOwn(given, name));
  if (!isWider || kept.length === 0) return;
  throw new HeddleError("invalid_request", "To send a credential to other hosts, enter its secrets again.", {
    details: { field: `fields.${kept[0]}` },
  });
}

function toResource({ id, name, type, fields, allowedHosts, createdAt, updatedAt }: CredentialRow): CredentialResource {
  return { id, name, type, fields, allowedHosts, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() };
}

function describeType({ type, name, icon, docs, fields }: CredentialDefinition): CredentialTypeResource {
  return {
    type, name, icon, docs,
    fields: Object.entries(fields.shape as Record<string, z.ZodType>).map(([field, schema]) => ({
      name: field, label: fieldHint(schema, field).label, isSecret: isSecret(schema), isRequired: !schema.safeParse(undefined).success,
    })),
  }; // prettier-ignore
}
