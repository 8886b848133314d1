"use client";
import { useQuery } from "@tanstack/react-query";
import { ErrorState } from "@/components/ui/error-state";
import { Skeleton } from "@/components/ui/skeleton";
import { formatCount, formatDuration, formatShare } from "@/lib/format";
import { useTRPC } from "@/lib/trpc";

/** The last 30 days of a deployment: how many runs, how many went well, how long they took, what they cost. */
export function MetricsCards({ deploymentId }: { deploymentId: string }) {
  const trpc = useTRPC();
  const metrics = useQuery(trpc.deployment.metrics.queryOptions({ id: deploymentId }, { refetchInterval: 15_000 }));
  if (metrics.error) return <ErrorState error={metrics.error} onRetry={metrics.refetch} />;
  if (metrics.data === undefined) return <Skeleton className="h-40 rounded-lg" />;
  const { executions, completed, failed, latencyP50, latencyP95, tokensUsed, costUsd, daily } = metrics.data;
  const ended = completed + failed;
  const figures = [
    { label: "Runs", value: formatCount(executions) },
    { label: "Went well", value: ended === 0 ? "–" : formatShare(completed / ended) },
    { label: "Half are faster than", value: latencyP50 === null ? "–" : formatDuration(latencyP50) },
    { label: "95 % are faster than", value: latencyP95 === null ? "–" : formatDuration(latencyP95) },
    { label: "Tokens", value: formatCount(tokensUsed) },
    { label: "Model cost", value: `$${costUsd.toFixed(2)}` },
  ];
  const most = Math.max(1, ...daily.map((day) => day.completed + day.failed));
  return (
    <section aria-label="The last 30 days" className="rounded-lg border border-line bg-surface">
      <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-t-lg bg-line sm:grid-cols-3 lg:grid-cols-6">
        {figures.map(({ label, value }) => (
          <div key={label} className="bg-surface px-4 py-3">
            <dt className="text-xs text-muted">{label}</dt>
            <dd className="tabular mt-0.5 text-lg font-semibold tracking-tight">{value}</dd>
          </div>
        ))}
      </dl>
      <div className="border-t border-line px-4 py-3">
        <h3 className="text-xs text-muted">Runs per day, the last 30 days</h3>
        <ol className="mt-2 flex h-20 items-end gap-1">
          {daily.map((day) => (
            <li
              key={day.day}
              className="flex h-full flex-1 flex-col justify-end"
              title={`${day.day}: ${day.completed} went well, ${day.failed} failed`}
            >
              <span className="sr-only">{`${day.day}: ${day.completed} went well, ${day.failed} failed`}</span>
              <span className="block rounded-t-xs bg-bad" style={{ height: `${(day.failed / most) * 100}%` }} aria-hidden />
              <span className="block min-h-px bg-accent" style={{ height: `${(day.completed / most) * 100}%` }} aria-hidden />
            </li>
          ))}
        </ol>
      </div>
    </section>
  );
}
