"use client";
import type { UsageResource } from "@heddle/schema";
import { useQuery } from "@tanstack/react-query";
import { Badge } from "@/components/ui/badge";
import { SectionCard } from "@/components/ui/card";
import { ErrorState } from "@/components/ui/error-state";
import { Progress } from "@/components/ui/progress";
import { Skeleton } from "@/components/ui/skeleton";
import { useTRPC } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";
import { formatAmount, formatReset, METRIC_LABELS } from "./limit-fields";

/** What the workspace has used of its month. */
export function UsageCard() {
  const trpc = useTRPC();
  const { workspace } = useWorkspace();
  const usage = useQuery({ ...trpc.limits.usage.queryOptions({ workspaceId: workspace.id }), refetchInterval: 15_000 });
  if (usage.data === undefined && usage.error !== null)
    return (
      <SectionCard title="This month">
        <ErrorState error={usage.error} onRetry={usage.refetch} className="py-6" />
      </SectionCard>
    );
  return (
    <SectionCard
      title={usage.data === undefined ? "This month" : monthTitle(usage.data.month)}
      description={usage.data && `Counted in UTC, runs under way included. Starts anew on ${formatReset(usage.data.resetsAt)}.`}
    >
      {usage.data === undefined ? (
        <div role="status" aria-label="Loading" className="grid gap-5 sm:grid-cols-3">
          {[0, 1, 2].map((each) => (
            <Skeleton key={each} className="h-14" />
          ))}
        </div>
      ) : (
        <dl className="grid gap-5 sm:grid-cols-3">
          {usage.data.metrics.map((metric) => (
            <Meter key={metric.metric} {...metric} />
          ))}
        </dl>
      )}
    </SectionCard>
  );
}

function Meter({ metric, used, cap, percent }: UsageResource["metrics"][number]) {
  const label = METRIC_LABELS[metric];
  return (
    <div>
      <dt className="flex min-h-5 items-center justify-between gap-2 text-xs font-medium text-muted">
        {label}
        {percent !== null && percent >= 80 && (
          <Badge tone={percent >= 100 ? "bad" : "warn"}>{percent >= 100 ? "Cap reached" : `${percent} % used`}</Badge>
        )}
      </dt>
      <dd>
        <p className="mt-0.5 text-lg font-semibold tabular-nums tracking-tight">{formatAmount(metric, used)}</p>
        {cap === null ? (
          <p className="mt-1 text-xs text-muted">No cap</p>
        ) : (
          <>
            <Progress value={used / cap} label={`${label} used`} className="mt-1.5" tone={toneOf(percent ?? 0)} />
            <p className="mt-1 text-xs tabular-nums text-muted">
              of {formatAmount(metric, cap)} ({percent} %)
            </p>
          </>
        )}
      </dd>
    </div>
  );
}

function toneOf(percent: number): "accent" | "warn" | "bad" {
  if (percent >= 100) return "bad";
  return percent >= 80 ? "warn" : "accent";
}

/** `November 2026` of `2026-11` */
function monthTitle(month: string): string {
  return new Date(`${month}-01T00:00:00Z`).toLocaleDateString("en", { month: "long", year: "numeric", timeZone: "UTC" });
}
