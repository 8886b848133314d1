import { z } from "zod";
import { rateLimit } from "./resources.ts";

const count = (most: number) => z.number().int().min(1).max(most).nullable();
const usd = z.number().positive().max(100_000_000).nullable();

/** Runs at once. */
const concurrency = count(100_000);

/** Ceilings of one run; null is none. What a document sets holds only below them. */
export const runCeilings = z.object({
  maxTokens: count(1_000_000_000),
  /** US dollars */
  maxCostUsd: usd,
  maxDurationMs: z.number().int().min(1_000).max(86_400_000).nullable(),
  maxSteps: count(1_000_000),
});

/** What a workspace may use in a calendar month, in UTC; null is unlimited. */
export const monthCaps = z.object({
  executions: count(1_000_000_000),
  tokens: count(1_000_000_000_000),
  /** US dollars */
  costUsd: usd,
});

export const agentLimits = z.object({
  /** Calls a minute of all callers together; null is the server's default. */
  rateLimit,
  /** Runs at once; null is the workspace's own. */
  concurrency,
});
export type AgentLimitsResource = z.infer<typeof agentLimits>;
export const agentLimitsUpdate = agentLimits.partial().strict();
export type AgentLimitsUpdate = z.infer<typeof agentLimitsUpdate>;

const workspaceCeilings = z.object({ concurrency, run: runCeilings, month: monthCaps });

/** A workspace's limits: what was chosen, what the plan allows, and what holds, which is the lower of both. */
export const limitsResource = z.object({
  plan: z.object({ name: z.string(), title: z.string(), most: workspaceCeilings }),
  chosen: workspaceCeilings,
  holding: workspaceCeilings.extend({ concurrency: z.number().int() }),
  /** Agents that have limits of their own. */
  agents: z.array(agentLimits.extend({ agentId: z.string(), agentName: z.string() })),
});
export type LimitsResource = z.infer<typeof limitsResource>;

/** What is absent stays as it is; null leaves it to the plan. */
export const limitsUpdate = z
  .object({
    concurrency: concurrency.optional(),
    run: runCeilings.partial().strict().optional(),
    month: monthCaps.partial().strict().optional(),
  })
  .strict();
export type LimitsUpdate = z.infer<typeof limitsUpdate>;

export const usageMetric = z.enum(["executions", "tokens", "costUsd"]);
export type UsageMetric = z.infer<typeof usageMetric>;

/** What a workspace has used of its month. */
export const usageResource = z.object({
  /** `2026-11` */
  month: z.string(),
  /** When the month is over, in UTC. */
  resetsAt: z.iso.datetime(),
  metrics: z.array(
    z.object({
      metric: usageMetric,
      used: z.number(),
      /** Null is unlimited. */
      cap: z.number().nullable(),
      /** Whole percent of the cap, also above 100; null without one. */
      percent: z.number().int().nullable(),
    }),
  ),
});
export type UsageResource = z.infer<typeof usageResource>;
