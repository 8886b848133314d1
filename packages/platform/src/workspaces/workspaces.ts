import { type Database, uuidv7 } from "@heddle/db";
import { HeddleError, type Page, type Role, type WorkspaceResource } from "@heddle/schema";
import { type Access, notFound } from "../access/access.ts";
import type { Actor } from "../access/actor.ts";
import type { AuditLog } from "../audit/audit-log.ts";
import { idCursor, pageOf, type PageRequest, takeFor } from "../paging.ts";

export interface Workspaces {
  /** Those the actor is in; a key's own. Oldest first. */
  list(actor: Actor, request: PageRequest): Promise<Page<WorkspaceResource>>;
  byId(actor: Actor, workspaceId: string): Promise<WorkspaceResource>;
  /** The person becomes its owner. */
  create(actor: Actor, input: { name: string }): Promise<WorkspaceResource>;
  update(actor: Actor, workspaceId: string, input: { name: string }): Promise<WorkspaceResource>;
  /** With everything in it. @throws HeddleError in_use for a person's only workspace */
  delete(actor: Actor, workspaceId: string): Promise<void>;
}

export function createWorkspaces({ db, access, audit }: { db: Database; access: Access; audit: AuditLog }): Workspaces {
  const find = async (workspaceId: string, role: Role): Promise<WorkspaceResource> => {
    const row = await db.prismaFor(workspaceId).workspace.findUnique({ where: { id: workspaceId } });
    if (row === null) throw notFound("workspace");
    return toResource({ ...row, role });
  };

  return {
    list: async (actor, request) => {
      if (actor.kind === "apiKey") {
        const { workspaceId } = await access.authorize(actor, actor.workspaceId, "read");
        return { items: [await find(workspaceId, roleOfKey(actor.scopes))], nextCursor: null };
      }
      const { rows } = await db.withUser(actor.userId, (client) =>
        client.query<WorkspaceRow>(
          `SELECT w.id, w.name, m.role, w.created_at AS "createdAt", w.updated_at AS "updatedAt"
           FROM workspaces w JOIN workspace_members m ON m.workspace_id = w.id AND m.user_id = $1
           WHERE ($2::uuid IS NULL OR w.id > $2) ORDER BY w.id LIMIT $3`,
          [actor.userId, idCursor(request) ?? null, takeFor(request)],
        ),
      );
      return pageOf(rows, request, toResource, (row) => row.id);
    },
    byId: async (actor, workspaceId) => {
      const { role } = await access.authorize(actor, workspaceId, "read");
      return find(workspaceId, role ?? (actor.kind === "apiKey" ? roleOfKey(actor.scopes) : "VIEWER"));
    },
    create: async (actor, { name }) => {
      if (actor.kind !== "user") throw new HeddleError("forbidden", "API keys can't make workspaces. Sign in to do it.");
      const workspaceId = uuidv7();
      await db.withTenant({ workspaceId, userId: actor.userId }, async (client) => {
        await client.query("INSERT INTO workspaces (id, name, owner_id) VALUES ($1, $2, $3)", [workspaceId, name, actor.userId]);
        await client.query("INSERT INTO workspace_members (id, workspace_id, user_id, role) VALUES ($1, $2, $3, 'OWNER')", [
          uuidv7(),
          workspaceId,
          actor.userId,
        ]);
        await audit.recordWithin(client, { actor, workspaceId, action: "workspace.created", target: workspaceId, details: { name } });
      });
      return find(workspaceId, "OWNER");
    },
    update: async (actor, workspaceId, { name }) => {
      const { role } = await access.authorize(actor, workspaceId, "settings.manage");
      await db.withWorkspace(workspaceId, async (client) => {
        await client.query("UPDATE workspaces SET name = $2, updated_at = now() WHERE id = $1", [workspaceId, name]);
        await audit.recordWithin(client, { actor, workspaceId, action: "workspace.renamed", target: workspaceId, details: { name } });
      });
      return find(workspaceId, role ?? "VIEWER");
    },
    delete: async (actor, workspaceId) => {
      await access.authorize(actor, workspaceId, "workspace.delete");
      if (actor.kind !== "user") throw new HeddleError("forbidden", "API keys can't delete workspaces.");
      await db.withTenant({ workspaceId, userId: actor.userId }, async (client) => {
        // One at a time, so that two deletions at once can't leave the person with none.
        await client.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [actor.userId]);
        const mine = await client.query("SELECT FROM workspace_members WHERE user_id = $1 LIMIT 2", [actor.userId]);
        if ((mine.rowCount ?? 0) < 2) {
          throw new HeddleError("in_use", "This is your only workspace, so it can't be deleted.", { hint: "Make another one first." });
        }
        const { rows } = await client.query<{ kind: "membership" | "apiKey" | "deployment"; id: string }>(
          `SELECT 'membership' AS kind, user_id AS id FROM workspace_members WHERE workspace_id = $1
           UNION ALL SELECT 'apiKey', id FROM api_keys WHERE workspace_id = $1
           UNION ALL SELECT 'deployment', id FROM deployments WHERE workspace_id = $1`,
          [workspaceId],
        );
        await audit.recordWithin(client, { actor, workspaceId, action: "workspace.deleted", target: workspaceId, details: {} });
        await client.query("DELETE FROM workspaces WHERE id = $1", [workspaceId]);
        for (const change of rows) await db.changes.publish({ ...change, workspaceId }, client);
      });
    },
  };
}

interface WorkspaceRow {
  id: string;
  name: string;
  role: string;
  createdAt: Date;
  updatedAt: Date;
}

function toResource({ id, name, role, createdAt, updatedAt }: WorkspaceRow): WorkspaceResource {
  return { id, name, role: role as Role, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() };
}

/** Keys have no role; this is the one whose rights come closest. */
function roleOfKey(scopes: readonly string[]): Role {
  return scopes.includes("write") || scopes.includes("deploy") ? "MEMBER" : "VIEWER";
}
