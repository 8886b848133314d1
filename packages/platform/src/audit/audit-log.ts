import { createHmac, timingSafeEqual } from "node:crypto";
import { type Database, uuidv7 } from "@heddle/db";
import { type AuditEventResource, HeddleError, type Json, type Page } from "@heddle/schema";
import type { PoolClient } from "pg";
import type { Access } from "../access/access.ts";
import { type Actor, actorLabel } from "../access/actor.ts";
import type { AuditRecorder } from "../audit-recorder.ts";
import { pageOf, type PageRequest, takeFor } from "../paging.ts";

/** What checking a workspace's log found. `sequence` is the first event that is not as it was written. */
export type AuditVerdict = { isIntact: true; events: number } | { isIntact: false; sequence: number; problem: "changed" | "missing" };

export interface AuditLog extends AuditRecorder {
  /** Records within the transaction of what was done, so that neither happens without the other. */
  recordWithin(client: PoolClient, entry: AuditEntry): Promise<void>;
  /** Newest first. @throws HeddleError forbidden, not_found */
  list(actor: Actor, request: { workspaceId: string } & PageRequest): Promise<Page<AuditEventResource>>;
  /** Recomputes the chain. @throws HeddleError forbidden, not_found */
  verify(actor: Actor, workspaceId: string): Promise<AuditVerdict>;
}

export interface AuditEntry {
  /** `system` for what nobody did, such as a cap that was reached. */
  actor: Actor | "system";
  workspaceId: string;
  action: string;
  target: string | null;
  details: Record<string, Json>;
}

/**
 * The log of who did what. Every event carries an HMAC over itself and the one before, under a key that is not in the
 * database, and the newest one is sealed apart: whoever changes, removes or cuts off events there is found out.
 */
export function createAuditLog({ db, access, key }: { db: Database; access: Access; key: Uint8Array }): AuditLog {
  const seal = (parts: (string | number | null)[]): Buffer => createHmac("sha256", key).update(JSON.stringify(parts)).digest();
  const eventHash = (event: EventText, previous: Buffer): Buffer =>
    seal([
      "event", previous.toString("hex"), event.id, event.workspaceId, event.sequence,
      event.actor, event.action, event.target, event.details, event.at,
    ]); // prettier-ignore
  const headHash = (workspaceId: string, sequence: number, last: Buffer): Buffer =>
    seal(["head", workspaceId, sequence, last.toString("hex")]);

  const recordWithin: AuditLog["recordWithin"] = async (client, { actor, workspaceId, action, target, details }) => {
    await client.query("INSERT INTO audit_heads (workspace_id, sequence, hash) VALUES ($1, 0, '') ON CONFLICT DO NOTHING", [workspaceId]);
    const head = await client.query<{ sequence: number }>("SELECT sequence FROM audit_heads WHERE workspace_id = $1 FOR UPDATE", [
      workspaceId,
    ]);
    const sequence = head.rows[0]?.sequence ?? 0;
    // A statement of its own: one that waited for the lock would still see the events as they were before it waited.
    const last = await client.query<{ hash: Buffer }>("SELECT hash FROM audit_events WHERE workspace_id = $1 AND sequence = $2", [
      workspaceId,
      sequence,
    ]);
    const event: EventText = {
      id: uuidv7(),
      workspaceId,
      sequence: sequence + 1,
      actor: actor === "system" ? "system" : actorLabel(actor),
      action,
      target,
      details: JSON.stringify(details),
      at: new Date().toISOString(),
    };
    const hash = eventHash(event, last.rows[0]?.hash ?? GENESIS);
    await client.query(
      `INSERT INTO audit_events (id, workspace_id, sequence, actor, action, target, details, at, hash)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [event.id, workspaceId, event.sequence, event.actor, action, target, event.details, event.at, hash],
    );
    await client.query("UPDATE audit_heads SET sequence = $2, hash = $3 WHERE workspace_id = $1", [
      workspaceId,
      event.sequence,
      headHash(workspaceId, event.sequence, hash),
    ]);
  };

  return {
    recordWithin,
    record: (actor, workspaceId, action, target, details) =>
      db.withWorkspace(workspaceId, (client) => recordWithin(client, { actor, workspaceId, action, target, details })),
    list: async (actor, { workspaceId, ...request }) => {
      await access.authorize(actor, workspaceId, "audit.read");
      const before = sequenceCursor(request);
      const { rows } = await db.withWorkspace(workspaceId, (client) =>
        client.query<Omit<AuditEventResource, "at"> & { at: Date; sequence: number }>(
          // People are shown by their e-mail as long as they are members, keys by their name.
          `SELECT e.id, e.sequence, coalesce(u.email, 'API key ' || k.name, e.actor) AS actor, e.action, e.target, e.details, e.at
           FROM audit_events e
           LEFT JOIN workspace_members m ON m.workspace_id = e.workspace_id AND e.actor = 'user:' || m.user_id
           LEFT JOIN users u ON u.id = m.user_id
           LEFT JOIN api_keys k ON e.actor = 'key:' || k.id
           WHERE ($1::int IS NULL OR e.sequence < $1) ORDER BY e.sequence DESC LIMIT $2`,
          [before, takeFor(request)],
        ),
      );
      return pageOf(
        rows,
        request,
        ({ id, actor: name, action, target, details, at }) => ({ id, actor: name, action, target, details, at: at.toISOString() }),
        (row) => String(row.sequence),
      );
    },
    verify: async (actor, workspaceId) => {
      await access.authorize(actor, workspaceId, "audit.read");
      return db.withWorkspace(workspaceId, async (client) => {
        let previous: Buffer = GENESIS;
        let sequence = 0;
        for (;;) {
          const { rows } = await client.query<EventText & { hash: Buffer; time: Date }>(
            `SELECT id, workspace_id AS "workspaceId", sequence, actor, action, target, details::text AS details, at AS time, hash
             FROM audit_events WHERE sequence > $1 ORDER BY sequence LIMIT 1000`,
            [sequence],
          );
          for (const row of rows) {
            if (row.sequence !== sequence + 1) return { isIntact: false, sequence: sequence + 1, problem: "missing" };
            sequence = row.sequence;
            if (!isEqual(row.hash, eventHash({ ...row, at: row.time.toISOString() }, previous)))
              return { isIntact: false, sequence, problem: "changed" };
            previous = row.hash;
          }
          if (rows.length === 0) break;
        }
        const { rows } = await client.query<{ hash: Buffer }>("SELECT hash FROM audit_heads");
        const isComplete = rows[0] === undefined ? sequence === 0 : isEqual(rows[0].hash, headHash(workspaceId, sequence, previous));
        return isComplete ? { isIntact: true, events: sequence } : { isIntact: false, sequence: sequence + 1, problem: "missing" };
      });
    },
  };
}

/** An event as it is sealed: byte for byte. */
interface EventText {
  id: string;
  workspaceId: string;
  sequence: number;
  actor: string;
  action: string;
  target: string | null;
  details: string;
  at: string;
}

const GENESIS = Buffer.alloc(0);

function isEqual(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

function sequenceCursor({ cursor }: PageRequest): number | null {
  if (cursor === undefined) return null;
  if (!/^\d{1,9}$/.test(cursor)) throw new HeddleError("invalid_request", "The cursor is not one that a list gave out.");
  return Number(cursor);
}
