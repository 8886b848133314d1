"use client";
import type { WaitResource } from "@heddle/schema";
import { useQuery } from "@tanstack/react-query";
import { Clock, Hourglass, type LucideIcon, UserCheck, Webhook } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { CopyButton } from "@/components/ui/copy-button";
import { ErrorNote } from "@/components/ui/error-state";
import { formatTime, formatUntil } from "@/lib/format";
import { useTRPC } from "@/lib/trpc";
import { Decision } from "./decision";

/** All that a suspended run waits for, and how each of it is ended: here, by a request, or by time. */
export function WaitingFor({ executionId }: { executionId: string }) {
  const trpc = useTRPC();
  const waits = useQuery(trpc.approval.ofExecution.queryOptions({ executionId }, { refetchInterval: 3_000 }));
  if (waits.data === undefined) return <ErrorNote error={waits.error} />;
  return (
    <ul aria-label="What the run waits for" className="flex flex-col gap-3">
      {waits.data.items.map((wait) => (
        <li key={wait.key}>
          <WaitCard wait={wait} />
        </li>
      ))}
    </ul>
  );
}

const LOOKS: Record<WaitResource["kind"], { icon: LucideIcon; title: string }> = {
  approval: { icon: UserCheck, title: "An approval" },
  webhook: { icon: Webhook, title: "Waits for a request" },
  time: { icon: Clock, title: "Waits for its time" },
};

function WaitCard({ wait }: { wait: WaitResource }) {
  const { icon: Icon, title } = LOOKS[wait.kind];
  return (
    <section aria-label={wait.title ?? title} className="rounded-lg border border-warn-line bg-surface">
      <header className="flex items-start gap-2.5 rounded-t-[7px] border-b border-warn-line bg-warn-soft px-3.5 py-2.5">
        <Icon className="mt-0.5 size-4 shrink-0 text-warn" aria-hidden />
        <div className="min-w-0 flex-1">
          <h3 className="break-words text-sm font-semibold">{wait.title ?? title}</h3>
          <Deadline wait={wait} />
        </div>
      </header>
      <Body wait={wait} />
    </section>
  );
}

function Body({ wait }: { wait: WaitResource }): ReactNode {
  if (wait.kind === "approval")
    return (
      <div className="p-3.5">
        <Decision wait={wait} />
      </div>
    );
  if (wait.kind === "webhook" && wait.url !== undefined)
    return (
      <div className="flex flex-col gap-2 p-3.5">
        <p className="text-sm text-muted">The run goes on when this address is called with POST. It works once.</p>
        <div className="flex items-start gap-2 rounded-md border border-line bg-sunken px-2.5 py-1.5">
          <code className="min-w-0 flex-1 break-all py-1 font-mono text-xs">{wait.url}</code>
          <CopyButton value={wait.url} what="one-time address" />
        </div>
      </div>
    );
  return null;
}

/** How long a wait may still last. */
export function Deadline({ wait: { kind, dueAt } }: { wait: Pick<WaitResource, "kind" | "dueAt"> }) {
  useTicking(dueAt !== null);
  if (dueAt === null) return kind === "time" ? null : <p className="text-xs text-muted">No deadline</p>;
  return (
    <p className="flex items-center gap-1 text-xs text-muted">
      <Hourglass className="size-3" aria-hidden />
      <time dateTime={dueAt} title={formatTime(dueAt)}>
        {kind === "time" ? "Goes on" : "Deadline"} {formatUntil(dueAt)}
      </time>
    </p>
  );
}

/** Draws anew now and then, as time goes by. */
function useTicking(isOn: boolean): void {
  const [, setTick] = useState(0);
  useEffect(() => {
    if (!isOn) return;
    const timer = setInterval(() => setTick((tick) => tick + 1), 15_000);
    return () => clearInterval(timer);
  }, [isOn]);
}
