import type { Database } from "@heddle/db";
import { selectSteps } from "@heddle/db/journal-statements";
import { HeddleError, type AgentDocument, type ExecutionResource, type ExecutionStatus, type Page, type TraceStep } from "@heddle/schema";
import { notFound, type Access } from "../access/access.ts";
import type { Actor } from "../access/actor.ts";
import { readStoredDocument } from "../agents/agent-resource.ts";
import type { AgentSink } from "../events/agent-subscription.ts";
import type { ExecutionEvents } from "../events/execution-events.ts";
import type { EventSink } from "../events/run-subscription.ts";
import type { LargeValues } from "../large-values/large-values.ts";
import { idCursor, pageOf, takeFor, type PageRequest } from "../paging.ts";
import type { Dispatch } from "../dispatch/dispatch.ts";
import type { ExecutionEngine } from "./execution-engine.ts";
import { inOrderOfFlow } from "./step-order.ts";
import { EXECUTION_COLUMNS, toExecutionResource, toTraceStep, type ExecutionRow } from "./execution-resource.ts";

export interface ExecutionsOptions {
  db: Database;
  access: Access;
  dispatch: Pick<Dispatch, "cancelIdle">;
  engine: ExecutionEngine;
  events: ExecutionEvents;
  values: LargeValues;
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
  /** With its whole output, however large. @throws HeddleError not_found, file_missing */
  byId(actor: Actor, id: string): Promise<ExecutionResource>;
  /** The JSON text of a large value of a run, in bytes. @throws HeddleError not_found */
  valueFile(actor: Actor, id: string, fileId: string): Promise<Uint8Array>;
  trace(actor: Actor, id: string): Promise<{ executionId: string; steps: TraceStep[] }>;
  /** Asks for the end of a run; it is obeyed within seconds. @throws HeddleError conflict where it has ended */
  cancel(actor: Actor, id: string): Promise<ExecutionResource>;
  /**
   * Tells a run from its beginning, or from after an event, to its end, in whichever process it runs or ran. Whoever goes
   * on watching has to ask from time to time whether the actor still may. @throws HeddleError not_found, forbidden
   */
  watch(actor: Actor, id: string, watch: { sink: EventSink; afterId?: number | undefined }): Promise<Watching>;
  /** Tells all runs of an agent from now on, or from after a position. @throws HeddleError not_found, forbidden */
  watchAgent(actor: Actor, agentId: string, watch: { sink: AgentSink; after?: string | undefined }): Promise<Watching>;
}

/** A subscription that has begun. */
export interface Watching {
  workspaceId: string;
  stop: () => void;
}

const FROM = "FROM executions e LEFT JOIN agents a ON a.workspace_id = e.workspace_id AND a.id = e.agent_id";
const ENDED: readonly string[] = ["COMPLETED", "FAILED", "CANCELLED"];

export function createExecutions({ db, access, engine, events, values, dispatch }: ExecutionsOptions): Executions {
  const find = async (workspaceId: string, id: string): Promise<ExecutionRow> => {
    const { rows } = await db.withWorkspace(workspaceId, (client) =>
      client.query<ExecutionRow>(`SELECT ${EXECUTION_COLUMNS} ${FROM} WHERE e.workspace_id = $1 AND e.id = $2`, [workspaceId, id]),
    );
    const [row] = rows;
    if (!row) throw notFound("execution");
    return row;
  };

  const listIn = async (workspaceId: string, { agentId, deploymentId, status, ...page }: Omit<ExecutionQuery, "workspaceId">) => {
    const parameters: unknown[] = [workspaceId, takeFor(page)];
    const conditions = ["e.workspace_id = $1"];
    const where = (condition: (parameter: string) => string, value: unknown) => {
      if (value !== undefined) conditions.push(condition(`$${parameters.push(value)}`));
    };
    where((id) => `e.agent_id = ${id}`, agentId);
    // A deployment's runs are found among its agent's, for which there is an index.
    where(
      (id) => `e.deployment_id = ${id} AND e.agent_id = (SELECT agent_id FROM deployments WHERE workspace_id = $1 AND id = ${id})`,
      deploymentId,
    );
    where((name) => `e.status = ${name}`, status);
    where((id) => `e.id < ${id}`, idCursor(page));
    const { rows } = await db.withWorkspace(workspaceId, (client) =>
      client.query<ExecutionRow>(
        `SELECT ${EXECUTION_COLUMNS} ${FROM} WHERE ${conditions.join(" AND ")} ORDER BY e.id DESC LIMIT $2`,
        parameters,
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
      const row = await find(workspaceId, id);
      return { ...toExecutionResource(row), output: await values.load({ workspaceId, executionId: id }, row.output) };
    },

    valueFile: async (actor, id, fileId) => {
      const { workspaceId } = await access.authorizeResource(actor, "execution", id, "read");
      await find(workspaceId, id);
      const bytes = await values.read({ workspaceId, executionId: id }, fileId);
      if (!bytes) throw new HeddleError("not_found", "There is no such file.");
      return bytes;
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
        return { executionId: id, steps: inOrder.map((step) => toTraceStep(step, { executionId: id, document, begin })) };
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
      // Of a run that nobody works on there is nobody who could obey.
      if (!(await dispatch.cancelIdle(workspaceId, id))) engine.interrupt(id, "cancelled");
      return toExecutionResource(await find(workspaceId, id));
    },

    watch: async (actor, id, { sink, afterId }) => {
      const { workspaceId } = await access.authorizeResource(actor, "execution", id, "read");
      // A key's workspace is its own word; the run's is what counts.
      const { agentId } = await find(workspaceId, id);
      return { workspaceId, stop: events.watchRun({ workspaceId, agentId, executionId: id }, sink, afterId) };
    },

    watchAgent: async (actor, agentId, { sink, after }) => {
      const { workspaceId } = await access.authorizeResource(actor, "agent", agentId, "read");
      if (!(await db.prismaFor(workspaceId).agent.findUnique({ where: { id: agentId }, select: { id: true } }))) throw notFound("agent");
      return { workspaceId, stop: await events.watchAgent({ workspaceId, agentId }, sink, after) };
    },
  };
}
