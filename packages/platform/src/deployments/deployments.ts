import { type Database, uuidv7 } from "@heddle/db";
import { HeddleError, type AgentDocument, type DeploymentResource, type Page, type Problem } from "@heddle/schema";
import { notFound, type Access } from "../access/access.ts";
import type { Actor } from "../access/actor.ts";
import type { AuditRecorder } from "../audit-recorder.ts";
import { readStoredDocument } from "../agents/agent-resource.ts";
import { pageOf, idCursor, takeFor, type PageRequest } from "../paging.ts";
import { syncTriggers } from "../triggers/sync-triggers.ts";
import { configHash } from "../versions/config-hash.ts";
import { toDeploymentResource } from "./deployment-resource.ts";
import { readMetrics, type Metrics } from "../metrics/read-metrics.ts";

export interface DeploymentsOptions {
  db: Database;
  access: Access;
  audit: AuditRecorder;
  publicUrl: string;
  findProblems: (document: AgentDocument) => Problem[];
  /** Problems with what the document names in its workspace. */
  findMissing: (workspaceId: string, agent: { id: string; document: AgentDocument }) => Promise<Problem[]>;
}

/** A published state of an agent. */
export interface AgentVersionSummary {
  number: number;
  configHash: string;
  createdAt: string;
  /** Whether the deployment answers with it now. */
  isLive: boolean;
}

/**
 * What answers callers. An agent has one deployment, whose address stays the same; deploying and rolling back change
 * which of the agent's immutable versions it answers with.
 */
export interface Deployments {
  /** Publishes the draft. A draft that is the latest version already makes no new one. @throws HeddleError document_invalid */
  deploy(actor: Actor, agentId: string): Promise<DeploymentResource>;
  list(actor: Actor, query: PageRequest & { workspaceId: string; agentId?: string | undefined }): Promise<Page<DeploymentResource>>;
  byId(actor: Actor, id: string): Promise<DeploymentResource>;
  metrics(actor: Actor, id: string): Promise<Metrics>;
  setStatus(actor: Actor, id: string, status: "ACTIVE" | "INACTIVE"): Promise<DeploymentResource>;
  /** Answers with an earlier version from now on. @throws HeddleError not_found */
  rollback(actor: Actor, agentId: string, version: number): Promise<DeploymentResource>;
  versions(actor: Actor, query: PageRequest & { agentId: string }): Promise<Page<AgentVersionSummary>>;
}

export function createDeployments({ db, access, audit, publicUrl, findProblems, findMissing }: DeploymentsOptions): Deployments {
  const agentName = { agent: { select: { name: true } } } as const;
  const withDocument = { ...agentName, agentVersion: { select: { config: true } } } as const;

  /** Points the agent's deployment at a version, making it on the first time. */
  const release = async (
    actor: Actor,
    workspaceId: string,
    agentId: string,
    choose: (tx: VersionReader) => Promise<{ number: number; configHash: string }>,
  ) => {
    const row = await db.transaction(workspaceId, async (tx) => {
      // Two deploys of one agent at once would otherwise take the same version number.
      const locked = await tx.$queryRaw<unknown[]>`SELECT id FROM agents WHERE id = ${agentId}::uuid FOR UPDATE`;
      if (locked.length === 0) throw notFound("agent");
      const version = await choose(tx);
      const live = await tx.deployment.findFirst({ where: { agentId }, select: { id: true } });
      const released = {
        version: version.number,
        configHash: version.configHash,
        status: "ACTIVE",
        deployedAt: new Date(),
        deployedBy: actor.kind === "user" ? actor.userId : null,
      };
      const row = live
        ? await tx.deployment.update({ where: { id: live.id }, data: released, include: withDocument })
        : await tx.deployment.create({ data: { id: uuidv7(), workspaceId, agentId, ...released }, include: withDocument });
      await syncTriggers(tx, row, readStoredDocument(row.agentVersion.config));
      return row;
    });
    await db.changes.publish({ kind: "deployment", id: row.id, workspaceId });
    return row;
  };

  return {
    deploy: async (actor, agentId) => {
      const { workspaceId } = await access.authorizeResource(actor, "agent", agentId, "deploy");
      const draft = await db.prismaFor(workspaceId).agent.findUnique({ where: { id: agentId }, select: { config: true } });
      if (!draft) throw notFound("agent");
      // Looked up before the transaction, which would otherwise hold one connection and wait for another.
      const missing = await findMissing(workspaceId, { id: agentId, document: readStoredDocument(draft.config) });
      const row = await release(actor, workspaceId, agentId, async (tx) => {
        const agent = await tx.agent.findUniqueOrThrow({ where: { id: agentId } });
        const document = readStoredDocument(agent.config);
        refuseProblems([...findProblems(document), ...missing]);
        const hash = configHash(document);
        const latest = await tx.agentVersion.findFirst({
          where: { agentId },
          orderBy: { number: "desc" },
          select: { number: true, configHash: true },
        });
        const number = latest?.configHash === hash ? latest.number : agent.version + 1;
        if (number !== latest?.number) {
          await tx.agentVersion.create({
            data: {
              id: uuidv7(),
              workspaceId,
              agentId,
              number,
              config: agent.config as object,
              configHash: hash,
              createdBy: actor.kind === "user" ? actor.userId : null,
            },
          });
        }
        await tx.agent.update({ where: { id: agentId }, data: { version: number, status: "PUBLISHED" } });
        return { number, configHash: hash };
      });
      await audit.record(actor, workspaceId, "agent.deployed", agentId, { version: row.version, configHash: row.configHash });
      return toDeploymentResource(row, publicUrl);
    },

    list: async (actor, { workspaceId, agentId, ...page }) => {
      await access.authorize(actor, workspaceId, "read");
      const cursor = idCursor(page);
      const rows = await db.prismaFor(workspaceId).deployment.findMany({
        where: { ...(agentId === undefined ? {} : { agentId }), ...(cursor === undefined ? {} : { id: { lt: cursor } }) },
        orderBy: { id: "desc" },
        take: takeFor(page),
        include: agentName,
      });
      return pageOf(
        rows,
        page,
        (row) => toDeploymentResource(row, publicUrl),
        (row) => row.id,
      );
    },

    byId: async (actor, id) => {
      const { workspaceId } = await access.authorizeResource(actor, "deployment", id, "read");
      const row = await db.prismaFor(workspaceId).deployment.findUnique({ where: { id }, include: agentName });
      if (!row) throw notFound("deployment");
      return toDeploymentResource(row, publicUrl);
    },

    metrics: async (actor, id) => {
      const { workspaceId } = await access.authorizeResource(actor, "deployment", id, "read");
      const row = await db.prismaFor(workspaceId).deployment.findUnique({ where: { id }, select: { agentId: true } });
      if (!row) throw notFound("deployment");
      return await readMetrics(db, workspaceId, { agentId: row.agentId, deploymentId: id });
    },

    setStatus: async (actor, id, status) => {
      const { workspaceId } = await access.authorizeResource(actor, "deployment", id, "deploy");
      const row = await db.transaction(workspaceId, async (tx) => {
        const { count } = await tx.deployment.updateMany({ where: { id }, data: { status } });
        if (count === 0) throw notFound("deployment");
        const changed = await tx.deployment.findUniqueOrThrow({ where: { id }, include: withDocument });
        await syncTriggers(tx, changed, readStoredDocument(changed.agentVersion.config));
        return changed;
      });
      await db.changes.publish({ kind: "deployment", id, workspaceId });
      await audit.record(actor, workspaceId, status === "ACTIVE" ? "deployment.activated" : "deployment.deactivated", id, {});
      return toDeploymentResource(row, publicUrl);
    },

    rollback: async (actor, agentId, version) => {
      const { workspaceId } = await access.authorizeResource(actor, "agent", agentId, "deploy");
      const row = await release(actor, workspaceId, agentId, async (tx) => {
        const found = await tx.agentVersion.findFirst({ where: { agentId, number: version }, select: { number: true, configHash: true } });
        if (!found) throw new HeddleError("not_found", `This agent has no version ${version}.`);
        return found;
      });
      await audit.record(actor, workspaceId, "agent.rolledBack", agentId, { version });
      return toDeploymentResource(row, publicUrl);
    },

    versions: async (actor, { agentId, ...page }) => {
      const { workspaceId } = await access.authorizeResource(actor, "agent", agentId, "read");
      const cursor = page.cursor === undefined ? undefined : Number(page.cursor);
      if (cursor !== undefined && !Number.isSafeInteger(cursor))
        throw new HeddleError("invalid_request", "The cursor is not one that a list gave out.");
      const prisma = db.prismaFor(workspaceId);
      if (!(await prisma.agent.findUnique({ where: { id: agentId }, select: { id: true } }))) throw notFound("agent");
      const [live, rows] = await Promise.all([
        prisma.deployment.findFirst({ where: { agentId, status: "ACTIVE" }, select: { version: true } }),
        prisma.agentVersion.findMany({
          where: { agentId, ...(cursor === undefined ? {} : { number: { lt: cursor } }) },
          orderBy: { number: "desc" },
          take: takeFor(page),
          select: { number: true, configHash: true, createdAt: true },
        }),
      ]);
      return pageOf(
        rows,
        page,
        (row) => ({
          number: row.number,
          configHash: row.configHash,
          createdAt: row.createdAt.toISOString(),
          isLive: row.number === live?.version,
        }),
        (row) => String(row.number),
      );
    },
  };
}

type VersionReader = Parameters<Parameters<Database["transaction"]>[1]>[0];

function refuseProblems(problems: Problem[]): void {
  const errors = problems.filter((problem) => problem.severity === "error");
  if (errors.length === 0) return;
  const count = errors.length === 1 ? "one problem" : `${errors.length} problems`;
  throw new HeddleError("document_invalid", `The agent has ${count} that must be mended first: ${errors[0]?.message ?? ""}`, { problems });
}
