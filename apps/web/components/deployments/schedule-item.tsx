"use client";
import type { ScheduleResource } from "@heddle/schema";
import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import Link from "next/link";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { formatAgo, formatTime, formatUntil } from "@/lib/format";
import { toastError } from "@/lib/toast-error";
import { useTRPC } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";

interface ScheduleItemProps {
  schedule: ScheduleResource;
  /** Whether its deployment is switched on. */
  isActive: boolean;
  onChange: () => void;
}

/** One schedule: when it fires next, in the reader's zone and in its own, and what can be done with it. */
export function ScheduleItem({ schedule, isActive, onChange }: ScheduleItemProps) {
  const { id: scheduleId, deploymentId, cron, timeZone, isPaused, upcoming, lastFireAt, lastExecutionId } = schedule;
  const trpc = useTRPC();
  const router = useRouter();
  const { canEdit } = useWorkspace();
  const setPaused = useMutation(trpc.schedule.setPaused.mutationOptions({ onSuccess: onChange, onError: toastError }));
  const runNow = useMutation(
    trpc.schedule.runNow.mutationOptions({
      onSuccess: ({ executionId }) => router.push(`/executions/view?id=${executionId}`),
      onError: toastError,
    }),
  );
  const ownZone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  const [next] = upcoming;
  return (
    <li className="flex flex-col gap-2.5 py-3">
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div className="min-w-0">
          <h3 className="flex flex-wrap items-center gap-2 text-sm font-medium">
            <code className="font-mono">{cron}</code>
            <span className="font-normal text-muted">{timeZone}</span>
            {isPaused && <Badge tone="warn">Paused</Badge>}
          </h3>
          <p className="mt-0.5 text-xs text-muted">
            {!isActive
              ? "Rests while the deployment is turned off."
              : isPaused
                ? "Rests until it is resumed. What passes meanwhile is not made up."
                : next === undefined
                  ? "No run is to come."
                  : `Next run ${formatUntil(next)}.`}{" "}
            {lastFireAt !== null && lastExecutionId !== null && (
              <>
                The last one began{" "}
                <Link
                  href={`/executions/view?id=${lastExecutionId}`}
                  className="text-accent-text underline underline-offset-3"
                  title={formatTime(lastFireAt)}
                >
                  {formatAgo(lastFireAt)}
                </Link>
                .
              </>
            )}
          </p>
        </div>
        {canEdit && (
          <div className="flex gap-2">
            <Button
              size="sm"
              aria-label={`${isPaused ? "Resume" : "Pause"} ${cron}`}
              isBusy={setPaused.isPending}
              onClick={() => setPaused.mutate({ deploymentId, scheduleId, isPaused: !isPaused })}
            >
              {isPaused ? "Resume" : "Pause"}
            </Button>
            {isActive && (
              <Button
                size="sm"
                aria-label={`Run now: ${cron}`}
                isBusy={runNow.isPending}
                onClick={() => runNow.mutate({ deploymentId, scheduleId })}
              >
                Run now
              </Button>
            )}
          </div>
        )}
      </div>
      {upcoming.length > 0 && (
        <table className="w-full max-w-xl text-left text-xs">
          <caption className="sr-only">Next runs of {cron}</caption>
          <thead className="text-muted">
            <tr>
              <th className="py-1 pr-4 font-normal">Your time</th>
              {timeZone !== ownZone && <th className="py-1 font-normal">{timeZone}</th>}
            </tr>
          </thead>
          <tbody className="tabular">
            {upcoming.map((tick) => (
              <tr key={tick} className="border-t border-line">
                <td className="py-1 pr-4">
                  <time dateTime={tick}>{inZone(tick, ownZone)}</time>
                </td>
                {timeZone !== ownZone && <td className="py-1">{inZone(tick, timeZone)}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </li>
  );
}

function inZone(iso: string, timeZone: string): string {
  const seconds = iso.endsWith(":00.000Z") ? {} : ({ second: "2-digit" } as const);
  return new Date(iso).toLocaleString("en", {
    timeZone, weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23", ...seconds,
  }); // prettier-ignore
}
