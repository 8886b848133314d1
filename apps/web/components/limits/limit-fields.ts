import type { LimitsResource, LimitsUpdate, UsageMetric } from "@heddle/schema";
import { formatCount } from "../../lib/format.ts";

const MINUTE_MS = 60_000;

/** One number that can be chosen on the page. */
export interface LimitField {
  key: string;
  label: string;
  help?: string;
  /** What stands behind the number. */
  unit: string;
  /** Whole numbers only. */
  isWhole: boolean;
  least: number;
  /** As the page shows it; null is none. */
  chosen: (limits: LimitsResource) => number | null;
  /** The most that the plan allows. */
  most: (limits: LimitsResource) => number | null;
  change: (value: number | null) => LimitsUpdate;
}

export interface LimitGroup {
  title: string;
  description: string;
  fields: LimitField[];
}

const toMinutes = (ms: number | null): number | null => (ms === null ? null : ms / MINUTE_MS);
const usd = { unit: "US$", isWhole: false, least: 0.01 };

export const LIMIT_GROUPS: LimitGroup[] = [
  {
    title: "Each month",
    description: "What all runs of a calendar month (UTC) may use together. When a cap is reached, new runs are refused; those under way run to their end.",
    fields: [
      {
        key: "month.executions", label: "Executions", unit: "runs", isWhole: true, least: 1,
        chosen: ({ chosen }) => chosen.month.executions, most: ({ plan }) => plan.most.month.executions,
        change: (executions) => ({ month: { executions } }),
      },
      {
        key: "month.tokens", label: "Tokens", unit: "tokens", isWhole: true, least: 1,
        chosen: ({ chosen }) => chosen.month.tokens, most: ({ plan }) => plan.most.month.tokens, change: (tokens) => ({ month: { tokens } }),
      },
      {
        key: "month.costUsd", label: "Model cost", ...usd,
        chosen: ({ chosen }) => chosen.month.costUsd, most: ({ plan }) => plan.most.month.costUsd, change: (costUsd) => ({ month: { costUsd } }),
      },
    ],
  },
  {
    title: "Each run",
    description: "Ceilings that no agent's own settings go beyond. A run that reaches one ends with an error that names it.",
    fields: [
      {
        key: "run.maxSteps", label: "Steps", unit: "steps", isWhole: true, least: 1,
        chosen: ({ chosen }) => chosen.run.maxSteps, most: ({ plan }) => plan.most.run.maxSteps, change: (maxSteps) => ({ run: { maxSteps } }),
      },
      {
        key: "run.maxDuration", label: "Time", unit: "minutes", isWhole: false, least: 1 / 60,
        chosen: ({ chosen }) => toMinutes(chosen.run.maxDurationMs), most: ({ plan }) => toMinutes(plan.most.run.maxDurationMs),
        change: (minutes) => ({ run: { maxDurationMs: minutes === null ? null : Math.round(minutes * MINUTE_MS) } }),
      },
      {
        key: "run.maxTokens", label: "Tokens", unit: "tokens", isWhole: true, least: 1,
        chosen: ({ chosen }) => chosen.run.maxTokens, most: ({ plan }) => plan.most.run.maxTokens, change: (maxTokens) => ({ run: { maxTokens } }),
      },
      {
        key: "run.maxCostUsd", label: "Model cost", ...usd,
        chosen: ({ chosen }) => chosen.run.maxCostUsd, most: ({ plan }) => plan.most.run.maxCostUsd, change: (maxCostUsd) => ({ run: { maxCostUsd } }),
      },
    ],
  },
  {
    title: "At once",
    description: "How many runs of this workspace go on at the same time. Queued runs wait for their turn; callers who wait for an answer get 429 once you set a number.",
    fields: [
      {
        key: "concurrency", label: "Runs at once", unit: "runs", isWhole: true, least: 1,
        chosen: ({ chosen }) => chosen.concurrency, most: ({ plan }) => plan.most.concurrency, change: (concurrency) => ({ concurrency }),
      },
    ],
  },
]; // prettier-ignore

/** Reads what somebody typed: null where it is empty, undefined where it is no such number. */
export function parseLimit(text: string, { isWhole, least }: Pick<LimitField, "isWhole" | "least">): number | null | undefined {
  const plain = text.replaceAll(/[\s,_]/g, "");
  if (plain === "") return null;
  const value = Number(plain);
  if (!Number.isFinite(value) || value < least || (isWhole && !Number.isInteger(value))) return undefined;
  return value;
}

/** All that was changed, as one update. */
export function mergeUpdates(updates: readonly LimitsUpdate[]): LimitsUpdate {
  return updates.reduce<LimitsUpdate>(
    (merged, { run, month, ...rest }) => ({
      ...merged,
      ...rest,
      ...(run === undefined ? {} : { run: { ...merged.run, ...run } }),
      ...(month === undefined ? {} : { month: { ...merged.month, ...month } }),
    }),
    {},
  );
}

export const METRIC_LABELS: Record<UsageMetric, string> = { executions: "Executions", tokens: "Tokens", costUsd: "Model cost" };

/** 12,345 or US$ 12.30 */
export function formatAmount(metric: UsageMetric, value: number): string {
  if (metric !== "costUsd") return formatCount(value);
  return `US$ ${value.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

/** `December 1`, the day on which counting starts anew. */
export function formatReset(resetsAt: string): string {
  return new Date(resetsAt).toLocaleDateString("en", { month: "long", day: "numeric", timeZone: "UTC" });
}
