import { Check, CircleAlert, Hourglass, RotateCw } from "lucide-react";
import { cn } from "@/lib/cn";
import { formatCount, formatDuration } from "@/lib/format";
import type { NodeRun } from "../model/run-state.ts";

const words: Record<NodeRun["status"], string> = {
  running: "Running",
  retrying: "Trying again",
  completed: "Done",
  failed: "Failed",
  skipped: "Skipped",
  waiting: "Waiting",
};

/** How a node fared: state, time, tokens. */
export function RunChip({ run, className }: { run: NodeRun; className?: string }) {
  return (
    <span
      className={cn(
        "tabular flex h-4 items-center gap-1 whitespace-nowrap text-2xs font-medium",
        run.status === "completed" && "text-ok",
        run.status === "failed" && "text-bad",
        (run.status === "retrying" || run.status === "waiting") && "text-warn",
        run.status === "running" && "text-accent-text",
        className,
      )}
    >
      {run.status === "completed" && <Check className="size-3" strokeWidth={2.5} aria-hidden />}
      {run.status === "failed" && <CircleAlert className="size-3" aria-hidden />}
      {run.status === "retrying" && <RotateCw className="size-3" aria-hidden />}
      {run.status === "waiting" && <Hourglass className="size-3" aria-hidden />}
      {run.status === "running" && <span className="size-1.5 animate-shimmer rounded-full bg-current" aria-hidden />}
      <span className={run.status === "completed" ? "sr-only" : undefined}>{words[run.status]}</span>
      {run.progress !== undefined && (
        <span>
          {formatCount(run.progress.done)}
          {run.progress.total === undefined ? "" : `/${formatCount(run.progress.total)}`}
          {run.progress.total === undefined && run.progress.done === 1 ? " round" : " rounds"}
        </span>
      )}
      {run.durationMs !== undefined && <span>{formatDuration(run.durationMs)}</span>}
      {run.tokens > 0 && <span className="text-muted">· {formatCount(run.tokens)} tokens</span>}
      {run.runs > 1 && <span className="text-muted">· {formatCount(run.runs)}×</span>}
    </span>
  );
}
