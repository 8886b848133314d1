import type { Database } from "@heddle/db";
import { selectSteps } from "@heddle/db/journal-statements";
import { HeddleError, type AgentDocument, type ExecutionResource, type ExecutionStatus, type Page, type TraceStep } from "@heddle/schema";
import { notFound, type Access } from "../access/access.ts";
import type { Actor } from "../access/actor.ts";
import { readStoredDocument } from "../agents/agent-resource.ts";
import { idCursor, pageOf, takeFor, type PageRequest } from "../paging.ts";
import type { ExecutionEngine } from "./execution-engine.ts";
import type { ExecutionListener } from "./execution-events.ts";
import { readOutcome } from "./read-outcome.ts";
import { inOrderOfFlow } from "./step-order.ts";
import { EXECUTION_COLUMNS, toExecutionResource, toTraceStep, type ExecutionRow } from "./execution-resource.ts";

export interface ExecutionsOptions {
  db: Database;
  access: Access;
  engine: ExecutionEngine;
}

export interface ExecutionQuery extends PageRequest {
  workspaceId: string;
  agentId?: string | undefined;
  deploymentId?: string | undefined;
  status?: ExecutionStatus | undefined;
}

/** What ran: looking at it, watching it, stopping it. */
export interface Executions {
  /** Newest first. */
  list(actor: Actor, query: ExecutionQuery): Promise<Page<ExecutionResource>>;
  listOfAgent(actor: Actor, agentId: string, query: PageRequest): Promise<Page<ExecutionResource>>;
  byId(actor: Actor, id: string): Promise<ExecutionResource>;
  trace(actor: Actor, id: string): Promise<{ executionId: string; steps: TraceStep[] }>;
  /** Asks for the end of a run; it is obeyed within seconds. @throws HeddleError conflict where it has ended */
  cancel(actor: Actor, id: string): Promise<ExecutionResource>;
  /** Watches a run; of one that makes no events or runs elsewhere, only the end is told. Undefined where it has ended. @throws HeddleError not_found */
  watch(actor: Actor, id: string, listener: ExecutionListener, afterId?: number): Promise<(() => void) | undefined>;
  /** Watches all runs of an agent from now on. @throws HeddleError not_found */
  watchAgent(actor: Actor, agentId: string, listener: ExecutionListener): Promise<() => void>;
}

const FROM = "FROM executions e LEFT JOIN agents a ON a.workspace_id = e.workspace_id AND a.id = e.agent_id";
const ENDED: readonly string[] = ["COMPLETED", "FAILED", "CANCELLED"];

export function createExecutions({ db, access, engine }: ExecutionsOptions): Executions {
  const find = async (workspaceId: string, id: string): Promise<ExecutionRow> => {
    const { rows } = await db.withWorkspace(workspaceId, (client) =>
      client.query<ExecutionRow>(`SELECT ${EXECUTION_COLUMNS} ${FROM} WHERE e.workspace_id = $1 AND e.id = $2`, [workspaceId, id]),
    );
    const [row] = rows;
    if (!row) throw notFound("execution");
    return row;
  };

  const listIn = async (workspaceId: string, { agentId, deploymentId, status, ...page }: Omit<ExecutionQuery, "workspaceId">) => {
    const { rows } = await db.withWorkspace(workspaceId, (client) =>
      client.query<ExecutionRow>(
        `SELECT ${EXECUTION_COLUMNS} ${FROM} WHERE e.workspace_id = $1
           AND ($2::uuid IS NULL OR e.agent_id = $2) AND ($3::uuid IS NULL OR e.deployment_id = $3) AND ($4::text IS NULL OR e.status = $4) AND ($5::uuid IS NULL OR e.id < $5)
         ORDER BY e.id DESC LIMIT $6`,
        [workspaceId, agentId ?? null, deploymentId ?? null, status ?? null, idCursor(page) ?? null, takeFor(page)],
      ),
    );
    return pageOf(rows, page, toExecutionResource, (row) => row.id);
  };

  return {
    list: async (actor, { workspaceId, ...query }) => {
      await access.authorize(actor, workspaceId, "read");
      return await listIn(workspaceId, query);
    },

    listOfAgent: async (actor, agentId, page) => {
      const { workspaceId } = await access.authorizeResource(actor, "agent", agentId, "read");
      if (!(await db.prismaFor(workspaceId).agent.findUnique({ where: { id: agentId }, select: { id: true } }))) throw notFound("agent");
      return await listIn(workspaceId, { ...page, agentId });
    },

    byId: async (actor, id) => {
      const { workspaceId } = await access.authorizeResource(actor, "execution", id, "read");
      return toExecutionResource(await find(workspaceId, id));
    },

    trace: async (actor, id) => {
      const { workspaceId } = await access.authorizeResource(actor, "execution", id, "read");
      return await db.withWorkspace(workspaceId, async (client) => {
        const { rows } = await client.query<{ config: unknown }>(
          `SELECT coalesce(e.config, v.config) AS config FROM executions e
           LEFT JOIN agent_versions v ON v.workspace_id = e.workspace_id AND v.agent_id = e.agent_id AND v.number = e.version
           WHERE e.workspace_id = $1 AND e.id = $2`,
          [workspaceId, id],
        );
        const [execution] = rows;
        if (!execution) throw notFound("execution");
        const steps = await selectSteps(client, workspaceId, id);
        const document: AgentDocument | undefined = execution.config === null ? undefined : readStoredDocument(execution.config);
        const inOrder = inOrderOfFlow(steps, document);
        const begin = Math.min(...inOrder.map((step) => step.startedAt));
        return { executionId: id, steps: inOrder.map((step) => toTraceStep(step, { document, begin })) };
      });
    },

    cancel: async (actor, id) => {
      const { workspaceId } = await access.authorizeResource(actor, "execution", id, "execute");
      const row = await find(workspaceId, id);
      if (ENDED.includes(row.status)) throw new HeddleError("conflict", "This run has ended already.", { details: { status: row.status } });
      await db.withWorkspace(workspaceId, async (client) => {
        await client.query("UPDATE executions SET cancel_requested_at = now() WHERE workspace_id = $1 AND id = $2", [workspaceId, id]);
        await db.changes.publish({ kind: "execution", id, workspaceId }, client);
      });
      engine.interrupt(id, "cancelled");
      return toExecutionResource(await find(workspaceId, id));
    },

    watch: async (actor, id, listener, afterId) => {
      const { workspaceId } = await access.authorizeResource(actor, "execution", id, "read");
      // A key's workspace is its own word; the run's is what counts.
      const runsIn = engine.events.workspaceOf(id);
      if (runsIn === undefined) {
        const row = await find(workspaceId, id);
        return ENDED.includes(row.status) ? undefined : followRow(db, { workspaceId, id, agentId: row.agentId }, listener);
      }
      if (runsIn !== workspaceId) throw notFound("execution");
      return engine.events.watchExecution(id, listener, afterId);
    },

    watchAgent: async (actor, agentId, listener) => {
      const { workspaceId } = await access.authorizeResource(actor, "agent", agentId, "read");
      if (!(await db.prismaFor(workspaceId).agent.findUnique({ where: { id: agentId }, select: { id: true } }))) throw notFound("agent");
      return engine.events.watchAgent(agentId, listener);
    },
  };
}

/** How often the row of a run that makes no events is looked at, ms. */
const LOOK_EVERY_MS = 500;

/** Tells of a run's end by its row. */
function followRow(db: Database, run: { workspaceId: string; id: string; agentId: string }, listener: ExecutionListener): () => void {
  const timer = setInterval(() => {
    readOutcome(db, run.workspaceId, run.id).then(
      (found) => {
        if (found !== undefined && found.outcome === undefined) return;
        clearInterval(timer);
        if (found?.outcome)
          listener({
            id: 1,
            executionId: run.id,
            agentId: run.agentId,
            event: { type: "run.finished", at: Date.now(), outcome: found.outcome },
          });
      },
      // The database is away; the next look may find it.
      () => undefined,
    );
  }, LOOK_EVERY_MS);
  return () => clearInterval(timer);
}
