import { type Database, type Prisma, uuidv7 } from "@heddle/db";
import { HeddleError, type AgentDetail, type AgentDocument, type AgentResource, type Page, type Problem } from "@heddle/schema";
import { notFound, type Access } from "../access/access.ts";
import type { Actor } from "../access/actor.ts";
import type { AuditRecorder } from "../audit-recorder.ts";
import { readMetrics, type Metrics } from "../metrics/read-metrics.ts";
import { pageOf, readTimeCursor, takeFor, timeCursor, type PageRequest } from "../paging.ts";
import { AGENT_COLUMNS, readStoredDocument, toAgentDetail, toAgentResource } from "./agent-resource.ts";

export interface AgentsOptions {
  db: Database;
  access: Access;
  audit: AuditRecorder;
  /** All problems of a document, worst for running it first. */
  findProblems: (document: AgentDocument) => Problem[];
}

export interface NewAgent {
  name: string;
  description?: string | undefined;
  icon?: string | undefined;
  config: AgentDocument;
  templateId?: string | undefined;
}
export interface AgentChange {
  name?: string | undefined;
  description?: string | null | undefined;
  icon?: string | null | undefined;
  status?: AgentResource["status"] | undefined;
  config?: AgentDocument | undefined;
  revision?: number | undefined;
}

/** The agents of a workspace and their drafts. A draft may have problems: they are kept with it, and deploying refuses them. */
export interface Agents {
  list(actor: Actor, query: PageRequest & { workspaceId: string; search?: string | undefined }): Promise<Page<AgentResource>>;
  /** @throws HeddleError not_found */
  byId(actor: Actor, id: string): Promise<AgentDetail>;
  create(actor: Actor, workspaceId: string, input: NewAgent): Promise<AgentDetail>;
  /** @throws HeddleError conflict where `revision` is not the stored one, with the stored one in details */
  update(actor: Actor, id: string, change: AgentChange): Promise<AgentDetail>;
  duplicate(actor: Actor, id: string): Promise<AgentDetail>;
  /** How its deployments did in the last 30 days. @throws HeddleError not_found */
  metrics(actor: Actor, id: string): Promise<Metrics>;
  /** With its versions, deployments and executions. */
  delete(actor: Actor, id: string): Promise<void>;
}

export function createAgents({ db, access, audit, findProblems }: AgentsOptions): Agents {
  const find = async (workspaceId: string, id: string) => {
    const row = await db.prismaFor(workspaceId).agent.findUnique({ where: { id } });
    if (!row) throw notFound("agent");
    return row;
  };

  const create = async (
    actor: Actor,
    workspaceId: string,
    { name, description, icon, config, templateId }: NewAgent,
  ): Promise<AgentDetail> => {
    await access.authorize(actor, workspaceId, "write");
    const row = await db.prismaFor(workspaceId).agent.create({
      data: {
        id: uuidv7(),
        workspaceId,
        name,
        description: description ?? null,
        icon: icon ?? null,
        templateId: templateId ?? null,
        config: toStored(config),
      },
    });
    await audit.record(actor, workspaceId, "agent.created", row.id, { name });
    return toAgentDetail(row, findProblems);
  };

  return {
    create,

    list: async (actor, { workspaceId, search, ...page }) => {
      await access.authorize(actor, workspaceId, "read");
      const cursor = readTimeCursor(page);
      const rows = await db.prismaFor(workspaceId).agent.findMany({
        where: {
          ...(search === undefined || search === "" ? {} : { name: { contains: search, mode: "insensitive" as const } }),
          ...(cursor ? { OR: [{ updatedAt: { lt: cursor.time } }, { updatedAt: cursor.time, id: { lt: cursor.id } }] } : {}),
        },
        orderBy: [{ updatedAt: "desc" }, { id: "desc" }],
        take: takeFor(page),
        select: AGENT_COLUMNS,
      });
      return pageOf(rows, page, toAgentResource, (row) => timeCursor(row.updatedAt, row.id));
    },

    byId: async (actor, id) => {
      const { workspaceId } = await access.authorizeResource(actor, "agent", id, "read");
      return toAgentDetail(await find(workspaceId, id), findProblems);
    },

    update: async (actor, id, { revision, config, ...fields }) => {
      const { workspaceId } = await access.authorizeResource(actor, "agent", id, "write");
      const data = {
        ...definedOnly(fields),
        ...(config === undefined ? {} : { config: toStored(config), revision: { increment: 1 } }),
        updatedAt: new Date(),
      };
      const { count } = await db.prismaFor(workspaceId).agent.updateMany({
        // The revision is part of the condition, so that of two editors who save at once one is told.
        where: { id, ...(revision === undefined || config === undefined ? {} : { revision }) },
        data,
      });
      const row = await find(workspaceId, id);
      if (count === 0) {
        throw new HeddleError("conflict", "Someone else saved this agent after you opened it.", {
          details: { revision: row.revision },
          hint: "Load the newer one, or keep yours as a copy.",
        });
      }
      return toAgentDetail(row, findProblems);
    },

    duplicate: async (actor, id) => {
      const { workspaceId } = await access.authorizeResource(actor, "agent", id, "write");
      const original = await find(workspaceId, id);
      return await create(actor, workspaceId, {
        name: `${original.name.slice(0, 113)} (copy)`,
        description: original.description ?? undefined,
        icon: original.icon ?? undefined,
        templateId: original.templateId ?? undefined,
        config: readStoredDocument(original.config),
      });
    },

    metrics: async (actor, id) => {
      const { workspaceId } = await access.authorizeResource(actor, "agent", id, "read");
      if (!(await db.prismaFor(workspaceId).agent.findUnique({ where: { id }, select: { id: true } }))) throw notFound("agent");
      return await readMetrics(db, workspaceId, { agentId: id });
    },

    delete: async (actor, id) => {
      const { workspaceId } = await access.authorizeResource(actor, "agent", id, "write");
      const { name } = await find(workspaceId, id);
      const prisma = db.prismaFor(workspaceId);
      const deployments = await prisma.deployment.findMany({ where: { agentId: id }, select: { id: true } });
      const underway = await prisma.execution.findMany({
        where: { agentId: id, status: { in: ["PENDING", "RUNNING"] } },
        select: { id: true },
      });
      await prisma.agent.deleteMany({ where: { id } });
      // Nobody could look at what they do, or stop it, from now on.
      for (const execution of underway) await db.changes.publish({ kind: "execution", id: execution.id, workspaceId });
      for (const deployment of deployments) await db.changes.publish({ kind: "deployment", id: deployment.id, workspaceId });
      await audit.record(actor, workspaceId, "agent.deleted", id, { name });
    },
  };
}

function toStored(config: AgentDocument): Prisma.InputJsonValue {
  // The document is JSON by its schema; Prisma's type for that knows no `unknown`.
  return config as unknown as Prisma.InputJsonValue;
}

function definedOnly<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
