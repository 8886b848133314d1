import { createHash, randomBytes } from "node:crypto";
import { type Database, isId, uuidv7 } from "@heddle/db";
import { HeddleError, type InvitationResource, type Role } from "@heddle/schema";
import { type Access, notFound } from "../access/access.ts";
import type { Actor } from "../access/actor.ts";
import { normaliseEmail } from "../accounts/account-input.ts";
import type { Mailer } from "../accounts/mailer.ts";
import type { AuditLog } from "../audit/audit-log.ts";

/** An invitation as it is made. `link` is shown this once. */
export interface NewInvitation extends InvitationResource {
  link: string;
  /** Whether the link is on its way by mail. */
  isMailed: boolean;
}
/** What somebody who holds a link may see. */
export interface InvitationPreview {
  workspaceId: string;
  workspaceName: string;
  email: string;
  role: Role;
}

export interface Invitations {
  /** Those that can still be accepted. */
  list(actor: Actor, workspaceId: string): Promise<InvitationResource[]>;
  /** Replaces an earlier one to the same address. @throws HeddleError conflict where they are a member already */
  invite(actor: Actor, input: { workspaceId: string; email: string; role: Exclude<Role, "OWNER"> }): Promise<NewInvitation>;
  revoke(actor: Actor, input: { workspaceId: string; invitationId: string }): Promise<void>;
  /** @throws HeddleError not_found where the link was used, revoked or has expired */
  preview(token: string): Promise<InvitationPreview>;
  /** Makes the person a member; works once. @throws HeddleError not_found, forbidden for another person than the invited one */
  accept(actor: Actor, token: string): Promise<{ workspaceId: string }>;
}

export interface InvitationsOptions {
  db: Database;
  access: Access;
  audit: AuditLog;
  publicUrl: string;
  mailer?: Mailer | undefined;
  onMailError?: (error: unknown) => void;
}

const LIFETIME_MS = 7 * 24 * 3_600_000;

export function createInvitations({
  db,
  access,
  audit,
  publicUrl,
  mailer,
  onMailError = () => undefined,
}: InvitationsOptions): Invitations {
  const find = async (token: string) => {
    const found = typeof token === "string" && token !== "" ? await db.lookups.invitationByHash(hashOf(token)) : undefined;
    if (found === undefined || found.expiresAt.getTime() <= Date.now()) throw notFound("invitation");
    return { ...found, role: found.role as Role };
  };

  return {
    list: async (actor, workspaceId) => {
      await access.authorize(actor, workspaceId, "members.manage");
      const rows = await db
        .prismaFor(workspaceId)
        .invitation.findMany({ where: { expiresAt: { gt: new Date() } }, orderBy: { id: "asc" }, take: 500 });
      return rows.map(toResource);
    },
    invite: async (actor, input) => {
      const { workspaceId, role } = input;
      await access.authorize(actor, workspaceId, "members.manage");
      const email = normaliseEmail(input.email);
      const token = randomBytes(32).toString("base64url");
      const invitation = {
        id: uuidv7(), workspaceId, email, role, tokenHash: hashOf(token),
        invitedBy: actor.kind === "user" ? actor.userId : null, expiresAt: new Date(Date.now() + LIFETIME_MS), createdAt: new Date(),
      }; // prettier-ignore
      const workspaceName = await db.withWorkspace(workspaceId, async (client) => {
        const member = await client.query(
          "SELECT FROM workspace_members m JOIN users u ON u.id = m.user_id WHERE m.workspace_id = $1 AND u.email = $2",
          [workspaceId, email],
        );
        if (member.rowCount !== 0) throw new HeddleError("conflict", "They are a member of this workspace already.");
        await client.query("DELETE FROM invitations WHERE workspace_id = $1 AND email = $2", [workspaceId, email]);
        await client.query(
          `INSERT INTO invitations (id, workspace_id, email, role, token_hash, invited_by, expires_at, created_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
          [invitation.id, workspaceId, email, role, invitation.tokenHash, invitation.invitedBy, invitation.expiresAt, invitation.createdAt],
        );
        await audit.recordWithin(client, { actor, workspaceId, action: "member.invited", target: invitation.id, details: { email, role } });
        const { rows } = await client.query<{ name: string }>("SELECT name FROM workspaces WHERE id = $1", [workspaceId]);
        return rows[0]?.name ?? "";
      });
      const link = `${publicUrl}/invitation?token=${token}`;
      const inviter = actor.kind === "user" ? (actor.name ?? actor.email) : "Somebody";
      void mailer?.send(invitationMail({ email, inviter, workspaceName, link })).catch(onMailError);
      return { ...toResource(invitation), link, isMailed: mailer !== undefined };
    },
    revoke: async (actor, { workspaceId, invitationId }) => {
      await access.authorize(actor, workspaceId, "members.manage");
      if (!isId(invitationId)) throw notFound("invitation");
      await db.withWorkspace(workspaceId, async (client) => {
        const { rows } = await client.query<{ email: string }>("DELETE FROM invitations WHERE id = $1 RETURNING email", [invitationId]);
        if (rows[0] === undefined) throw notFound("invitation");
        await audit.recordWithin(client, {
          actor, workspaceId, action: "member.invitation_revoked", target: invitationId, details: { email: rows[0].email },
        }); // prettier-ignore
      });
    },
    preview: async (token) => {
      const { workspaceId, email, role } = await find(token);
      const workspace = await db.prismaFor(workspaceId).workspace.findUnique({ where: { id: workspaceId }, select: { name: true } });
      if (workspace === null) throw notFound("invitation");
      return { workspaceId, workspaceName: workspace.name, email, role };
    },
    accept: async (actor, token) => {
      if (actor.kind !== "user") throw new HeddleError("forbidden", "API keys can't accept invitations. Sign in to do it.");
      const { id, workspaceId, email, role } = await find(token);
      if (email !== actor.email) {
        throw new HeddleError("forbidden", `This invitation is for ${email}, and you are signed in as ${actor.email}.`, {
          hint: "Sign in with the invited address, or ask for another invitation.",
        });
      }
      await db.withTenant({ workspaceId, userId: actor.userId }, async (client) => {
        const used = await client.query("DELETE FROM invitations WHERE id = $1", [id]);
        if (used.rowCount === 0) throw notFound("invitation");
        await client.query(
          "INSERT INTO workspace_members (id, workspace_id, user_id, role) VALUES ($1, $2, $3, $4) ON CONFLICT (workspace_id, user_id) DO NOTHING",
          [uuidv7(), workspaceId, actor.userId, role],
        );
        await audit.recordWithin(client, { actor, workspaceId, action: "member.joined", target: actor.userId, details: { role } });
        await db.changes.publish({ kind: "membership", id: actor.userId, workspaceId }, client);
      });
      return { workspaceId };
    },
  };
}

function hashOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

interface InvitationRow {
  id: string;
  email: string;
  role: string;
  expiresAt: Date;
  createdAt: Date;
}
function toResource({ id, email, role, expiresAt, createdAt }: InvitationRow): InvitationResource {
  return { id, email, role: role as Role, expiresAt: expiresAt.toISOString(), createdAt: createdAt.toISOString() };
}

function invitationMail({ email, inviter, workspaceName, link }: { email: string; inviter: string; workspaceName: string; link: string }) {
  return {
    to: email,
    subject: `${oneLine(inviter)} invites you to ${oneLine(workspaceName)} on Heddle`,
    text: `${oneLine(inviter)} invites you to work on agents in the workspace ${oneLine(workspaceName)}.\n\nAccept within seven days:\n${link}\n\nIf you do not know them, ignore this mail.\n`,
  };
}

/** Names are people's own text: none may add a paragraph of its own, or a link, to a mail of ours. */
function oneLine(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\s]+/gu, " ")
    .replaceAll(/https?:\/\/|www\./giu, "")
    .slice(0, 80);
}
