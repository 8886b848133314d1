import type { Database } from "@heddle/db";
import { HeddleError, type MemberResource, type Page, type Role } from "@heddle/schema";
import type { PoolClient } from "pg";
import { type Access, notFound } from "../access/access.ts";
import type { Actor } from "../access/actor.ts";
import { roleAllows } from "../access/permission.ts";
import type { AuditLog } from "../audit/audit-log.ts";
import { idCursor, pageOf, type PageRequest, takeFor } from "../paging.ts";

export interface Members {
  /** In the order in which they came. */
  list(actor: Actor, request: { workspaceId: string } & PageRequest): Promise<Page<MemberResource>>;
  /** @throws HeddleError not_found, forbidden, in_use where nobody would be left to own the workspace */
  updateRole(actor: Actor, input: { workspaceId: string; memberId: string; role: Role }): Promise<MemberResource>;
  /** Also for leaving. @throws HeddleError not_found, forbidden, in_use where nobody would be left to own the workspace */
  remove(actor: Actor, input: { workspaceId: string; memberId: string }): Promise<void>;
}

export function createMembers({ db, access, audit }: { db: Database; access: Access; audit: AuditLog }): Members {
  return {
    list: async (actor, { workspaceId, ...request }) => {
      await access.authorize(actor, workspaceId, "read");
      const { rows } = await db.withWorkspace(workspaceId, (client) =>
        client.query<MemberRow>(`${SELECT_MEMBERS} AND ($2::uuid IS NULL OR m.id > $2) ORDER BY m.id LIMIT $3`, [
          workspaceId,
          idCursor(request) ?? null,
          takeFor(request),
        ]),
      );
      return pageOf(rows, request, toResource, (row) => row.id);
    },
    updateRole: async (actor, { workspaceId, memberId, role }) => {
      const grant = await access.authorize(actor, workspaceId, "members.manage");
      return db.withWorkspace(workspaceId, async (client) => {
        const members = await lockMembers(client, workspaceId);
        const member = findMember(members, memberId);
        if (member.role === role) return toResource(member);
        if (member.role === "OWNER" || role === "OWNER") requireOwner(grant.role);
        await client.query("UPDATE workspace_members SET role = $2 WHERE id = $1", [memberId, role]);
        await keepAnOwner(client, workspaceId);
        await audit.recordWithin(client, {
          actor, workspaceId, action: "member.role_changed", target: member.userId, details: { from: member.role, to: role },
        }); // prettier-ignore
        await db.changes.publish({ kind: "membership", id: member.userId, workspaceId }, client);
        return toResource({ ...member, role });
      });
    },
    remove: async (actor, { workspaceId, memberId }) => {
      const grant = await access.authorize(actor, workspaceId, "read");
      await db.withWorkspace(workspaceId, async (client) => {
        const members = await lockMembers(client, workspaceId);
        const member = findMember(members, memberId);
        const isLeaving = actor.kind === "user" && actor.userId === member.userId;
        if (!isLeaving) {
          await access.authorize(actor, workspaceId, "members.manage");
          if (member.role === "OWNER") requireOwner(grant.role);
        }
        await client.query("DELETE FROM workspace_members WHERE id = $1", [memberId]);
        await keepAnOwner(client, workspaceId);
        await audit.recordWithin(client, {
          actor, workspaceId, action: isLeaving ? "member.left" : "member.removed", target: member.userId, details: { email: member.email },
        }); // prettier-ignore
        await db.changes.publish({ kind: "membership", id: member.userId, workspaceId }, client);
      });
    },
  };
}

interface MemberRow {
  id: string;
  userId: string;
  email: string;
  name: string | null;
  role: string;
  createdAt: Date;
}

const SELECT_MEMBERS = `SELECT m.id, m.user_id AS "userId", u.email, u.name, m.role, m.created_at AS "createdAt"
  FROM workspace_members m JOIN users u ON u.id = m.user_id WHERE m.workspace_id = $1`;

/** Locked, so that two owners who step down at once can't leave the workspace without one. */
async function lockMembers(client: PoolClient, workspaceId: string): Promise<MemberRow[]> {
  return (await client.query<MemberRow>(`${SELECT_MEMBERS} ORDER BY m.id FOR UPDATE OF m`, [workspaceId])).rows;
}

function findMember(members: MemberRow[], memberId: string): MemberRow {
  const member = members.find(({ id }) => id === memberId);
  if (member === undefined) throw notFound("member");
  return member;
}

function requireOwner(role: Role | undefined): void {
  if (role !== undefined && roleAllows(role, "owners.manage")) return;
  throw new HeddleError("forbidden", "Only an owner of the workspace can make or change owners.");
}

/** Checks that somebody owns the workspace still, and names them as its owner where the named one no longer is. */
async function keepAnOwner(client: PoolClient, workspaceId: string): Promise<void> {
  const { rows } = await client.query<{ userId: string }>(
    `SELECT user_id AS "userId" FROM workspace_members WHERE workspace_id = $1 AND role = 'OWNER' ORDER BY id LIMIT 1`,
    [workspaceId],
  );
  const [owner] = rows;
  if (owner === undefined) {
    throw new HeddleError("in_use", "A workspace needs an owner, and this is the last one.", {
      hint: "Make somebody else an owner first.",
    });
  }
  await client.query(
    `UPDATE workspaces SET owner_id = $2 WHERE id = $1
     AND NOT EXISTS (SELECT FROM workspace_members m WHERE m.workspace_id = $1 AND m.user_id = owner_id AND m.role = 'OWNER')`,
    [workspaceId, owner.userId],
  );
}

function toResource({ createdAt, role, ...member }: MemberRow): MemberResource {
  return { ...member, role: role as Role, createdAt: createdAt.toISOString() };
}
