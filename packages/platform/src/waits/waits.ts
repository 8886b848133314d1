import type { Database } from "@heddle/db";
import { reach } from "@heddle/db/checkpoint";
import { resolveWait, selectOpenWaits } from "@heddle/db/wait-statements";
import { checkAgainstSchema, toProblems } from "@heddle/nodes/json-schema";
import {
  HeddleError,
  type Json,
  type JsonSchema,
  type Page,
  type WaitDecision,
  type WaitResolution,
  type WaitResource,
} from "@heddle/schema";
import { z } from "zod";
import { notFound, type Access } from "../access/access.ts";
import { actorLabel, type Actor } from "../access/actor.ts";
import type { AuditRecorder } from "../audit-recorder.ts";
import { badCursor, pageOf, takeFor, type PageRequest } from "../paging.ts";
import type { WaitAddresses } from "./wait-address.ts";

export interface WaitsOptions {
  db: Database;
  access: Access;
  audit: AuditRecorder;
  addresses: WaitAddresses;
  /** A run of the workspace has become due. */
  onResolved: (workspaceId: string) => void;
}

/** What runs wait for, and how people and other systems end it. */
export interface Waits {
  /** Open approvals of a workspace, oldest first. */
  approvals(actor: Actor, query: PageRequest & { workspaceId: string }): Promise<Page<WaitResource>>;
  /** All that an execution waits for. @throws HeddleError not_found */
  ofExecution(actor: Actor, executionId: string): Promise<{ items: WaitResource[] }>;
  /** Approves or rejects, once. @throws HeddleError not_found, conflict where somebody was first, input_invalid where the form is not filled in right */
  decide(actor: Actor, executionId: string, decision: WaitDecision): Promise<void>;
  /** Ends a wait for a request by its address. @throws HeddleError not_found */
  receive(executionId: string, token: string, body: Json): Promise<void>;
}

export function createWaits({ db, access, audit, addresses, onResolved }: WaitsOptions): Waits {
  const toResource = ({ dueAt, createdAt, request, ...row }: WaitRow): WaitResource => ({
    ...row,
    ...(row.kind === "approval" ? request : {}),
    createdAt: createdAt.toISOString(),
    dueAt: dueAt?.toISOString() ?? null,
    ...(row.kind === "webhook" ? { url: addresses.urlOf(row.executionId, row.key) } : {}),
  });
  const select = async (workspaceId: string, where: string, values: unknown[]): Promise<WaitRow[]> => {
    const { rows } = await db.withWorkspace(workspaceId, (client) => client.query<WaitRow>(`${SELECT} ${where}`, [workspaceId, ...values]));
    return rows;
  };
  const resolve = async (
    workspaceId: string,
    executionId: string,
    key: string,
    resolution: WaitResolution,
    by: string | null,
  ): Promise<boolean> => {
    const isFirst = await resolveWait(db.pools.journal, {
      workspaceId,
      executionId,
      key,
      resolution: resolution as unknown as Json,
      resolvedBy: by,
    });
    if (!isFirst) return false;
    reach("wait-resolved");
    await db.changes.publish({ kind: "wait", id: executionId, workspaceId });
    onResolved(workspaceId);
    return true;
  };

  return {
    approvals: async (actor, { workspaceId, ...page }) => {
      await access.authorize(actor, workspaceId, "read");
      const [at, executionId, key] = cursorOf(page);
      const rows = await select(
        workspaceId,
        `AND w.kind = 'approval' AND ($2::timestamptz IS NULL OR (w.created_at, w.execution_id, w.key) > ($2, $3::uuid, $4))
         ORDER BY w.created_at, w.execution_id, w.key LIMIT $5`,
        [at ?? null, executionId ?? null, key ?? null, takeFor(page)],
      );
      return pageOf(rows, page, toResource, (row) => toCursor([row.createdAt.toISOString(), row.executionId, row.key]));
    },

    ofExecution: async (actor, executionId) => {
      const { workspaceId } = await access.authorizeResource(actor, "execution", executionId, "read");
      const rows = await select(workspaceId, "AND w.execution_id = $2 ORDER BY w.created_at, w.key", [executionId]);
      // A key's workspace is its own word; the run's is what counts.
      if (rows.length === 0) await mustExist(db, workspaceId, executionId);
      return { items: rows.map(toResource) };
    },

    decide: async (actor, executionId, { key, decision, values }) => {
      const { workspaceId } = await access.authorizeResource(actor, "execution", executionId, "execute");
      const [wait] = await select(workspaceId, "AND w.kind = 'approval' AND w.execution_id = $2 AND w.key = $3", [executionId, key]);
      if (wait === undefined) throw await notWaiting(db, workspaceId, executionId);
      if (decision === "approve" && wait.request.form !== undefined) refuseMisfit(wait.request.form, values);
      const outcome = decision === "approve" ? "approved" : "rejected";
      const by = actor.kind === "user" ? actor.email : `API key ${actor.name}`;
      if (!(await resolve(workspaceId, executionId, key, { outcome, at: Date.now(), values, by }, actorLabel(actor)))) {
        throw await notWaiting(db, workspaceId, executionId);
      }
      await audit.record(actor, workspaceId, `approval.${outcome}`, executionId, { key });
    },

    receive: async (executionId, token, body) => {
      const open = await selectOpenWaits(db.pools.journal, executionId);
      const wait = open.find(({ kind, key }) => kind === "webhook" && addresses.isFor(executionId, key, token));
      const isResolved =
        wait !== undefined &&
        (await resolve(wait.workspaceId, executionId, wait.key, { outcome: "received", at: Date.now(), value: body }, null));
      // A wrong address, one that was used, and one whose run has gone on must not differ.
      if (!isResolved) throw new HeddleError("not_found", "Nothing waits at this address, or not any more.");
    },
  };
}

interface WaitRow {
  executionId: string;
  key: string;
  agentId: string;
  agentName: string | null;
  nodeId: string;
  kind: WaitResource["kind"];
  createdAt: Date;
  dueAt: Date | null;
  request: { title?: string; message?: string; form?: JsonSchema };
}

const SELECT = `SELECT w.execution_id AS "executionId", w.key, e.agent_id AS "agentId", a.name AS "agentName", w.node_id AS "nodeId", w.kind,
  w.created_at AS "createdAt", w.due_at AS "dueAt", w.request
  FROM execution_waits w
  JOIN executions e ON e.workspace_id = w.workspace_id AND e.id = w.execution_id AND e.status IN ('PENDING', 'RUNNING', 'WAITING')
  LEFT JOIN agents a ON a.workspace_id = e.workspace_id AND a.id = e.agent_id
  WHERE w.workspace_id = $1 AND w.resolved_at IS NULL`;

/** Why a decision came to nothing: the run is not there, or somebody or its deadline was first. */
async function notWaiting(db: Database, workspaceId: string, executionId: string): Promise<HeddleError> {
  await mustExist(db, workspaceId, executionId);
  return new HeddleError("conflict", "This run does not wait for a decision here any more.", {
    hint: "Somebody else has decided, or its deadline has passed. Look at the run.",
  });
}

/** @throws HeddleError not_found */
async function mustExist(db: Database, workspaceId: string, executionId: string): Promise<void> {
  const { rowCount } = await db.withWorkspace(workspaceId, (client) =>
    client.query("SELECT FROM executions WHERE workspace_id = $1 AND id = $2", [workspaceId, executionId]),
  );
  if (rowCount === 0) throw notFound("execution");
}

function refuseMisfit(form: JsonSchema, values: Record<string, Json>): void {
  const problems = toProblems(checkAgainstSchema(form, values), "values", "input_invalid");
  if (problems.length === 0) return;
  throw new HeddleError("input_invalid", `The form is not filled in right: ${problems[0]?.message}`, { problems });
}

function toCursor(parts: readonly string[]): string {
  return Buffer.from(JSON.stringify(parts)).toString("base64url");
}

/** @throws HeddleError invalid_request */
function cursorOf({ cursor }: PageRequest): (string | undefined)[] {
  if (cursor === undefined) return [];
  const parsed = cursorParts.safeParse(Buffer.from(cursor, "base64url").toString());
  if (!parsed.success) throw badCursor();
  return parsed.data;
}

const cursorParts = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: "custom", message: "not JSON" });
      return z.NEVER;
    }
  })
  .pipe(z.tuple([z.iso.datetime(), z.uuid(), z.string()]));
