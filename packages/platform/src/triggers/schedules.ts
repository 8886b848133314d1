import { type Database, isId, uuidv7 } from "@heddle/db";
import type { NewExecution } from "@heddle/db/journal";
import { HeddleError, type Page, type ScheduleResource } from "@heddle/schema";
import { notFound, type Access } from "../access/access.ts";
import { actorLabel, type Actor } from "../access/actor.ts";
import type { AuditRecorder } from "../audit-recorder.ts";
import { idCursor, pageOf, takeFor, type PageRequest } from "../paging.ts";
import { nextTick, upcomingTicks } from "./cron-clock.ts";
import { tickInput } from "./fire-due-ticks.ts";
import { databaseNow } from "./sync-triggers.ts";

export interface SchedulesOptions {
  db: Database;
  access: Access;
  audit: AuditRecorder;
  /** Accepts a run for whoever claims it. */
  enqueue: (execution: NewExecution) => Promise<void>;
}

/** The clocks that start deployed agents. */
export interface Schedules {
  list(
    actor: Actor,
    query: PageRequest & { workspaceId: string; agentId?: string | undefined; deploymentId?: string | undefined },
  ): Promise<Page<ScheduleResource>>;
  listOfDeployment(actor: Actor, deploymentId: string): Promise<Page<ScheduleResource>>;
  /** A schedule that is resumed goes on with the first tick from now. @throws HeddleError not_found */
  setPaused(actor: Actor, deploymentId: string, scheduleId: string, isPaused: boolean): Promise<ScheduleResource>;
  /** Starts one run at once, beside the ticks. @throws HeddleError not_found, unprocessable where the deployment is switched off */
  runNow(actor: Actor, deploymentId: string, scheduleId: string): Promise<{ executionId: string }>;
}

/** How many ticks a schedule is shown with. */
const SHOWN_TICKS = 5;

export function createSchedules({ db, access, audit, enqueue }: SchedulesOptions): Schedules {
  const listIn = async (workspaceId: string, where: object, page: PageRequest) => {
    const cursor = idCursor(page);
    return await db.transaction(workspaceId, async (tx) => {
      const rows = await tx.schedule.findMany({
        where: { ...where, ...(cursor === undefined ? {} : { id: { lt: cursor } }) },
        orderBy: { id: "desc" },
        take: takeFor(page),
      });
      const agents = await tx.agent.findMany({ where: { id: { in: rows.map((row) => row.agentId) } }, select: { id: true, name: true } });
      const names = new Map(agents.map((agent) => [agent.id, agent.name]));
      return pageOf(
        rows,
        page,
        (row) => toScheduleResource(row, names.get(row.agentId)),
        (row) => row.id,
      );
    });
  };

  return {
    list: async (actor, { workspaceId, agentId, deploymentId, ...page }) => {
      await access.authorize(actor, workspaceId, "read");
      return await listIn(
        workspaceId,
        { ...(agentId === undefined ? {} : { agentId }), ...(deploymentId === undefined ? {} : { deploymentId }) },
        page,
      );
    },

    listOfDeployment: async (actor, deploymentId) => {
      const { workspaceId } = await access.authorizeResource(actor, "deployment", deploymentId, "read");
      const deployment = await db.prismaFor(workspaceId).deployment.findUnique({ where: { id: deploymentId }, select: { id: true } });
      if (!deployment) throw notFound("deployment");
      // A document has far fewer triggers than a page has places.
      return await listIn(workspaceId, { deploymentId }, { limit: 200 });
    },

    setPaused: async (actor, deploymentId, scheduleId, isPaused) => {
      const { workspaceId } = await access.authorizeResource(actor, "deployment", deploymentId, "deploy");
      const changed = await db.transaction(workspaceId, async (tx) => {
        if (isId(scheduleId)) await tx.$queryRaw`SELECT id FROM schedules WHERE id = ${scheduleId}::uuid FOR UPDATE`;
        const row = isId(scheduleId) ? await tx.schedule.findFirst({ where: { id: scheduleId, deploymentId } }) : null;
        if (!row) throw notFound("schedule");
        const [deployment, agent] = await Promise.all([
          tx.deployment.findUniqueOrThrow({ where: { id: deploymentId }, select: { status: true } }),
          tx.agent.findUnique({ where: { id: row.agentId }, select: { name: true } }),
        ]);
        if (row.isPaused === isPaused) return toScheduleResource(row, agent?.name);
        const now = await databaseNow(tx);
        const after = row.lastFireAt && row.lastFireAt > now ? row.lastFireAt : now;
        const nextFireAt = isPaused || deployment.status !== "ACTIVE" ? null : (nextTick(row, after) ?? null);
        return toScheduleResource(await tx.schedule.update({ where: { id: row.id }, data: { isPaused, nextFireAt } }), agent?.name);
      });
      await db.changes.publish({ kind: "schedule", id: scheduleId, workspaceId });
      await audit.record(actor, workspaceId, isPaused ? "schedule.paused" : "schedule.resumed", deploymentId, { schedule: scheduleId });
      return changed;
    },

    runNow: async (actor, deploymentId, scheduleId) => {
      const { workspaceId } = await access.authorizeResource(actor, "deployment", deploymentId, "execute");
      const prisma = db.prismaFor(workspaceId);
      const row = isId(scheduleId) ? await prisma.schedule.findFirst({ where: { id: scheduleId, deploymentId } }) : null;
      if (!row) throw notFound("schedule");
      const deployment = await prisma.deployment.findUnique({ where: { id: deploymentId }, select: { status: true } });
      if (deployment?.status !== "ACTIVE")
        throw new HeddleError("unprocessable", "This deployment is switched off.", {
          hint: "Switch it on under Deployments, or deploy the agent again.",
        });
      const executionId = uuidv7();
      const startedAt = new Date();
      await enqueue({
        id: executionId,
        workspaceId,
        agentId: row.agentId,
        deploymentId,
        version: row.version,
        trigger: "schedule",
        triggerNode: row.nodeId,
        actor: actorLabel(actor),
        input: tickInput(startedAt, startedAt),
        startedAt,
      });
      return { executionId };
    },
  };
}

interface ScheduleRow {
  id: string;
  agentId: string;
  deploymentId: string;
  nodeId: string;
  version: number;
  cron: string;
  timeZone: string;
  isPaused: boolean;
  nextFireAt: Date | null;
  lastFireAt: Date | null;
  lastExecutionId: string | null;
}

function toScheduleResource(row: ScheduleRow, agentName: string | undefined): ScheduleResource {
  const { id, agentId, deploymentId, nodeId, cron, timeZone, isPaused, nextFireAt, lastFireAt, lastExecutionId } = row;
  const upcoming = nextFireAt === null ? [] : [nextFireAt, ...upcomingTicks(row, nextFireAt, SHOWN_TICKS - 1)];
  return {
    id,
    agentId,
    ...(agentName === undefined ? {} : { agentName }),
    deploymentId,
    nodeId,
    cron,
    timeZone,
    isPaused,
    upcoming: upcoming.map((tick) => tick.toISOString()),
    lastFireAt: lastFireAt?.toISOString() ?? null,
    lastExecutionId,
  };
}
