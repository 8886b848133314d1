"use client";
import { useQuery } from "@tanstack/react-query";
import { CircleAlert, TriangleAlert } from "lucide-react";
import Link from "next/link";
import { cn } from "@/lib/cn";
import { useTRPC } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";
import { formatAmount, formatReset, METRIC_LABELS } from "./limit-fields";

const REFRESH_MS = 60_000;

/** Says on every page that a cap of the month is near or reached. Nothing where it is not; a failure to ask is none of the page's. */
export function UsageBanner() {
  const trpc = useTRPC();
  const { workspace, canAdminister } = useWorkspace();
  const warnings = useQuery({
    ...trpc.limits.warnings.queryOptions({ workspaceId: workspace.id }),
    refetchInterval: REFRESH_MS,
    retry: false,
  });
  const worst = warnings.data?.metrics.toSorted((a, b) => (b.percent ?? 0) - (a.percent ?? 0))[0];
  if (warnings.data === undefined || worst === undefined || worst.cap === null) return null;
  const { metric, used, cap, percent } = worst;
  const isReached = (percent ?? 0) >= 100;
  const Icon = isReached ? CircleAlert : TriangleAlert;
  const label = METRIC_LABELS[metric].toLowerCase();
  return (
    <div
      role="status"
      className={cn(
        "flex flex-wrap items-center gap-x-3 gap-y-1 border-b px-4 py-2 text-sm sm:px-8",
        isReached ? "border-bad-line bg-bad-soft" : "border-warn-line bg-warn-soft",
      )}
    >
      <Icon className={cn("size-4 shrink-0", isReached ? "text-bad" : "text-warn")} aria-hidden />
      <p className="min-w-0 flex-1">
        <strong className="font-medium">
          {isReached ? `This month's cap on ${label} is reached.` : `${percent} % of this month's ${label} are used.`}
        </strong>{" "}
        {isReached
          ? `New runs are refused until ${formatReset(warnings.data.resetsAt)} or until the cap is raised.`
          : `${formatAmount(metric, used)} of ${formatAmount(metric, cap)}; at the cap new runs are refused.`}
      </p>
      <Link href="/settings/limits" className="font-medium underline underline-offset-2">
        {canAdminister ? "Change the caps" : "See the use"}
      </Link>
    </div>
  );
}
