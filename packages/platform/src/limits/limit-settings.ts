import type { Database } from "@heddle/db";
import {
  type AgentLimitsResource,
  type AgentLimitsUpdate,
  HeddleError,
  type LimitsResource,
  type LimitsUpdate,
  type UsageResource,
} from "@heddle/schema";
import { type Access, notFound } from "../access/access.ts";
import type { Actor } from "../access/actor.ts";
import type { AuditLog } from "../audit/audit-log.ts";
import { monthOf } from "./month.ts";
import { type MonthCaps, type Plan, PLANS } from "./plans.ts";
import { readMonthUse } from "./read-month-use.ts";
import type { WorkspaceLimits } from "./workspace-limits.ts";

export interface LimitSettingsOptions {
  db: Database;
  access: Access;
  audit: AuditLog;
  /** As they are in the database now. */
  load: (workspaceId: string) => Promise<WorkspaceLimits>;
  /** Called when they have changed, before whoever changed them is told so. Other processes hear of it a moment later. */
  onChanged: (workspaceId: string) => void;
}

/** Seeing and choosing limits. */
export interface LimitSettings {
  byWorkspace(actor: Actor, workspaceId: string): Promise<LimitsResource>;
  /** Holds in every process as soon as it is heard there. @throws HeddleError forbidden, invalid_request above what the plan allows */
  update(actor: Actor, workspaceId: string, input: LimitsUpdate): Promise<LimitsResource>;
  /** This month's use. */
  usage(actor: Actor, workspaceId: string): Promise<UsageResource>;
  /** Caps of this month of which four fifths are used, or all. Reads nothing where there is no cap. */
  warnings(actor: Actor, workspaceId: string): Promise<UsageResource>;
  byAgent(actor: Actor, agentId: string): Promise<AgentLimitsResource>;
  /** What is undefined stays as it is. */
  updateAgent(actor: Actor, agentId: string, input: AgentLimitsUpdate): Promise<AgentLimitsResource>;
}

const WARN_PERCENT = 80;

export function createLimitSettings({ db, access, audit, load, onChanged }: LimitSettingsOptions): LimitSettings {
  const toResource = async (workspaceId: string): Promise<LimitsResource> => {
    const limits = await load(workspaceId);
    const { title, concurrency, run, month }: Plan = PLANS[limits.plan];
    const names = await db.prismaFor(workspaceId).agent.findMany({
      where: { id: { in: [...limits.agents.keys()] } },
      select: { id: true, name: true },
      orderBy: { name: "asc" },
    });
    return {
      plan: { name: limits.plan, title, most: { concurrency: concurrency.most, run, month } },
      chosen: limits.chosen,
      holding: { concurrency: limits.concurrency, run: limits.run, month: limits.month },
      agents: names.flatMap(({ id, name }) => {
        const own = limits.agents.get(id);
        if (own === undefined || (own.ratePerMinute === null && own.concurrency === null)) return [];
        return [{ agentId: id, agentName: name, rateLimit: own.ratePerMinute, concurrency: own.concurrency }];
      }),
    };
  };
  const ofAgent = async (workspaceId: string, agentId: string): Promise<AgentLimitsResource> => {
    const own = (await load(workspaceId)).agents.get(agentId);
    return { rateLimit: own?.ratePerMinute ?? null, concurrency: own?.concurrency ?? null };
  };

  const usageOf = async (workspaceId: string, caps: MonthCaps): Promise<UsageResource> => {
    const month = monthOf(Date.now());
    const use = await readMonthUse(db, workspaceId, month);
    return {
      month: month.name,
      resetsAt: month.end.toISOString(),
      metrics: (["executions", "tokens", "costUsd"] as const).map((metric) => {
        const cap = caps[metric];
        const used = metric === "executions" ? use.executions + use.unfinished : use[metric];
        return { metric, used, cap, percent: cap === null ? null : Math.floor((used / cap) * 100) };
      }),
    };
  };

  return {
    byWorkspace: async (actor, workspaceId) => {
      await access.authorize(actor, workspaceId, "read");
      return await toResource(workspaceId);
    },
    update: async (actor, workspaceId, { concurrency, run = {}, month = {} }) => {
      await access.authorize(actor, workspaceId, "settings.manage");
      const { plan, chosen } = await load(workspaceId);
      const given = { concurrency, ...run, ...month };
      refuseAbovePlan(PLANS[plan], given);
      const next = {
        concurrency: concurrency === undefined ? chosen.concurrency : concurrency,
        run: { ...chosen.run, ...run },
        month: { ...chosen.month, ...month },
      };
      await db.withWorkspace(workspaceId, async (client) => {
        await client.query(UPSERT, [
          workspaceId, next.concurrency, next.run.maxTokens, next.run.maxCostUsd, next.run.maxDurationMs, next.run.maxSteps,
          next.month.executions, next.month.tokens, next.month.costUsd,
        ]); // prettier-ignore
        const details = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Record<
          string,
          number | null
        >;
        await audit.recordWithin(client, { actor, workspaceId, action: "limits.updated", target: workspaceId, details });
        await db.changes.publish({ kind: "limits", id: workspaceId, workspaceId }, client);
      });
      onChanged(workspaceId);
      return await toResource(workspaceId);
    },
    usage: async (actor, workspaceId) => {
      await access.authorize(actor, workspaceId, "read");
      return await usageOf(workspaceId, (await load(workspaceId)).month);
    },
    warnings: async (actor, workspaceId) => {
      await access.authorize(actor, workspaceId, "read");
      const { month: caps } = await load(workspaceId);
      if (caps.executions === null && caps.tokens === null && caps.costUsd === null) {
        const { name, end } = monthOf(Date.now());
        return { month: name, resetsAt: end.toISOString(), metrics: [] };
      }
      const { metrics, ...month } = await usageOf(workspaceId, caps);
      return { ...month, metrics: metrics.filter(({ percent }) => percent !== null && percent >= WARN_PERCENT) };
    },
    byAgent: async (actor, agentId) => {
      const { workspaceId } = await access.authorizeResource(actor, "agent", agentId, "read");
      await findAgent(db, workspaceId, agentId);
      return await ofAgent(workspaceId, agentId);
    },
    updateAgent: async (actor, agentId, { rateLimit, concurrency }) => {
      const { workspaceId } = await access.authorizeResource(actor, "agent", agentId, "deploy");
      await findAgent(db, workspaceId, agentId);
      const own = await ofAgent(workspaceId, agentId);
      const next = {
        rateLimit: rateLimit === undefined ? own.rateLimit : rateLimit,
        concurrency: concurrency === undefined ? own.concurrency : concurrency,
      };
      await db.withWorkspace(workspaceId, async (client) => {
        await client.query(UPSERT_AGENT, [workspaceId, agentId, next.rateLimit, next.concurrency]);
        await audit.recordWithin(client, { actor, workspaceId, action: "agent.limitsUpdated", target: agentId, details: next });
        await db.changes.publish({ kind: "limits", id: agentId, workspaceId }, client);
      });
      onChanged(workspaceId);
      return next;
    },
  };
}

const UPSERT = `
INSERT INTO workspace_limits (workspace_id, concurrency, run_max_tokens, run_max_cost_usd, run_max_duration_ms, run_max_steps,
  month_max_executions, month_max_tokens, month_max_cost_usd)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (workspace_id) DO UPDATE SET concurrency = excluded.concurrency, run_max_tokens = excluded.run_max_tokens,
  run_max_cost_usd = excluded.run_max_cost_usd, run_max_duration_ms = excluded.run_max_duration_ms, run_max_steps = excluded.run_max_steps,
  month_max_executions = excluded.month_max_executions, month_max_tokens = excluded.month_max_tokens,
  month_max_cost_usd = excluded.month_max_cost_usd, updated_at = now()`;
const UPSERT_AGENT = `
INSERT INTO agent_limits (workspace_id, agent_id, rate_per_minute, concurrency) VALUES ($1, $2, $3, $4)
ON CONFLICT (workspace_id, agent_id) DO UPDATE SET rate_per_minute = excluded.rate_per_minute, concurrency = excluded.concurrency, updated_at = now()`;

async function findAgent(db: Database, workspaceId: string, agentId: string): Promise<void> {
  const found = await db.prismaFor(workspaceId).agent.findUnique({ where: { id: agentId }, select: { id: true } });
  if (found === null) throw notFound("agent");
}

const NAMES: Record<string, string> = {
  concurrency: "Runs at once",
  maxTokens: "Tokens of a run",
  maxCostUsd: "Cost of a run",
  maxDurationMs: "Time of a run",
  maxSteps: "Steps of a run",
  executions: "Executions of a month",
  tokens: "Tokens of a month",
  costUsd: "Cost of a month",
};

/** A limit that the plan would not let hold must not look as if it did. */
function refuseAbovePlan({ title, concurrency, run, month }: Plan, given: Record<string, number | null | undefined>): void {
  const most: Record<string, number | null> = { concurrency: concurrency.most, ...run, ...month };
  const above = Object.entries(given).flatMap(([field, value]) => {
    const allowed = most[field] ?? null;
    return value != null && allowed !== null && value > allowed
      ? [
          {
            code: "above_plan",
            severity: "error" as const,
            message: `${NAMES[field]}: the plan ${title} allows ${allowed} at most.`,
            field,
          },
        ]
      : [];
  });
  const [first] = above;
  if (first !== undefined) throw new HeddleError("invalid_request", first.message, { problems: above });
}
