import { uuidv7, type TenantTransaction } from "@heddle/db";
import { HeddleError, type AgentDocument, type AgentNode } from "@heddle/schema";
import { nextTick, type CronSchedule } from "./cron-clock.ts";

/** A deployment as it is from now on. */
export interface DeployedState {
  id: string;
  workspaceId: string;
  agentId: string;
  version: number;
  status: string;
}

/**
 * Brings a deployment's schedules and error handlers in step with what it answers with, in the transaction that changes it.
 * A schedule whose pattern stays keeps its next tick; one that starts or starts again waits for the first tick from now on.
 * @throws HeddleError document_invalid where a schedule can't be read
 */
export async function syncTriggers(tx: TenantTransaction, deployment: DeployedState, document: AgentDocument): Promise<void> {
  const isActive = deployment.status === "ACTIVE";
  await syncSchedules(tx, deployment, isActive, triggersOf(document, "schedule-trigger"));
  await syncErrorHandlers(tx, deployment, isActive ? triggersOf(document, "error-trigger") : []);
}

async function syncSchedules(tx: TenantTransaction, deployment: DeployedState, isActive: boolean, nodes: AgentNode[]): Promise<void> {
  const { id: deploymentId, workspaceId, agentId, version } = deployment;
  // A scheduler that fires one of them just now is waited for: what it moved on must not be put back.
  await tx.$queryRaw`SELECT id FROM schedules WHERE deployment_id = ${deploymentId}::uuid FOR UPDATE`;
  const kept = await tx.schedule.findMany({ where: { deploymentId } });
  if (nodes.length === 0 && kept.length === 0) return;
  const now = await databaseNow(tx);
  await tx.schedule.deleteMany({ where: { deploymentId, nodeId: { notIn: nodes.map((node) => node.id) } } });
  for (const node of nodes) {
    const pattern = patternOf(node);
    const row = kept.find((candidate) => candidate.nodeId === node.id);
    const isSame = row?.cron === pattern.cron && row.timeZone === pattern.timeZone;
    const next = firstTick(node, pattern, row?.lastFireAt && row.lastFireAt > now ? row.lastFireAt : now);
    const nextFireAt = !isActive || row?.isPaused === true ? null : isSame && row.nextFireAt ? row.nextFireAt : next;
    if (row) await tx.schedule.update({ where: { id: row.id }, data: { version, ...pattern, nextFireAt } });
    else
      await tx.schedule.create({
        data: { id: uuidv7(), workspaceId, agentId, deploymentId, nodeId: node.id, version, ...pattern, nextFireAt },
      });
  }
}

async function syncErrorHandlers(tx: TenantTransaction, deployment: DeployedState, nodes: AgentNode[]): Promise<void> {
  const { id: deploymentId, workspaceId, agentId, version } = deployment;
  await tx.errorHandler.deleteMany({ where: { deploymentId } });
  const rows = nodes.map((node) => ({
    id: uuidv7(),
    workspaceId,
    agentId,
    deploymentId,
    nodeId: node.id,
    version,
    agentIds: agentIdsOf(node),
  }));
  if (rows.length > 0) await tx.errorHandler.createMany({ data: rows });
}

function triggersOf(document: AgentDocument, type: string): AgentNode[] {
  return document.nodes.filter((node) => node.type === type && node.isDisabled !== true);
}

function patternOf({ params }: AgentNode): CronSchedule {
  const { cron, timeZone } = params;
  return { cron: typeof cron === "string" ? cron : "", timeZone: typeof timeZone === "string" && timeZone !== "" ? timeZone : "UTC" };
}

function firstTick(node: AgentNode, pattern: CronSchedule, after: Date): Date | null {
  try {
    return nextTick(pattern, after) ?? null;
  } catch (error) {
    throw new HeddleError("document_invalid", `The schedule of “${node.name}” can't be read.`, {
      problems: [
        {
          code: "param_invalid",
          severity: "error",
          message: "This is no schedule that can be read.",
          nodeId: node.id,
          field: "params.cron",
        },
      ],
      cause: error,
    });
  }
}

function agentIdsOf({ params }: AgentNode): string[] {
  const { agentIds } = params;
  return Array.isArray(agentIds) ? agentIds.filter((id): id is string => typeof id === "string" && id !== "") : [];
}

/** What is due is decided by the database's clock, so what is to come is too. */
export async function databaseNow(tx: TenantTransaction): Promise<Date> {
  const [row] = await tx.$queryRaw<{ now: Date }[]>`SELECT now() AS now`;
  return row?.now ?? new Date();
}
