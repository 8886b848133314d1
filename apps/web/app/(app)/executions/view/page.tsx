"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useSearchParams } from "next/navigation";
import { WaitingFor } from "@/components/approvals/waiting-for";
import { TraceWaterfall } from "@/components/executions/trace-waterfall";
import { ValueFile } from "@/components/executions/value-file";
import { Button } from "@/components/ui/button";
import { SectionCard } from "@/components/ui/card";
import { CodeBlock } from "@/components/ui/code-block";
import { EmptyState } from "@/components/ui/empty-state";
import { ErrorNote, ErrorState } from "@/components/ui/error-state";
import { Page, PageHeader } from "@/components/ui/page-header";
import { SkeletonRows } from "@/components/ui/skeleton";
import { StatusBadge } from "@/components/ui/status-badge";
import { formatCount, formatDuration, formatTime } from "@/lib/format";
import { toastError } from "@/lib/toast-error";
import { useTRPC } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";

const UNFINISHED = ["PENDING", "RUNNING", "WAITING"];

export default function ExecutionPage() {
  const id = useSearchParams().get("id") ?? "";
  const trpc = useTRPC();
  const { canEdit } = useWorkspace();
  const execution = useQuery(
    trpc.execution.byId.queryOptions(
      { id },
      { refetchInterval: ({ state }) => (UNFINISHED.includes(state.data?.status ?? "") ? 1_000 : false) },
    ),
  );
  const isWaiting = execution.data?.status === "WAITING";
  const isUnfinished = UNFINISHED.includes(execution.data?.status ?? "");
  const trace = useQuery(
    trpc.execution.trace.queryOptions(
      { id },
      // A long trace is large, and one that waits does not grow.
      { refetchInterval: ({ state }) => isUnfinished && (isWaiting || (state.data?.steps.length ?? 0) > 500 ? 5_000 : 1_000) },
    ),
  );
  const cancel = useMutation(trpc.execution.cancel.mutationOptions({ onSuccess: () => execution.refetch(), onError: toastError }));

  if (execution.error) return <ErrorState error={execution.error} onRetry={execution.refetch} />;
  if (execution.data === undefined)
    return (
      <Page>
        <SkeletonRows />
      </Page>
    );
  const run = execution.data;
  const facts = [
    formatTime(run.startedAt),
    ...(run.latency === null ? [] : [formatDuration(run.latency)]),
    ...(run.tokensUsed > 0 ? [`${formatCount(run.tokensUsed)} tokens`] : []),
    ...(run.costUsd !== null && run.costUsd > 0 ? [`$${run.costUsd.toFixed(4)}`] : []),
  ];
  return (
    <Page>
      <PageHeader
        back={<Link href="/executions">Executions</Link>}
        title={
          <span className="flex items-center gap-2.5">
            {run.agentName ?? "Deleted agent"}
            <StatusBadge status={run.status} />
          </span>
        }
        description={facts.join(" · ")}
        actions={
          <>
            {isUnfinished && canEdit && (
              <Button variant="dangerGhost" isBusy={cancel.isPending} onClick={() => cancel.mutate({ id })}>
                Stop the run
              </Button>
            )}
            <Button asChild>
              <Link href={`/builder?agent=${run.agentId}`}>Open the agent</Link>
            </Button>
          </>
        }
      />
      <div className="flex flex-col gap-4">
        {run.error !== null && (
          <ErrorNote
            error={{
              type: "about:blank",
              title: "The run failed",
              status: 500,
              detail: run.error.message,
              code: run.error.code,
              ...(run.error.hint === undefined ? {} : { hint: run.error.hint }),
            }}
          />
        )}
        {run.status === "WAITING" && <WaitingFor executionId={id} />}
        <section aria-labelledby="steps" className="overflow-hidden rounded-lg border border-line bg-surface">
          <h2 id="steps" className="border-b border-line px-4 py-3 text-base font-semibold tracking-tight">
            Steps
          </h2>
          {trace.error !== null && <ErrorState error={trace.error} onRetry={trace.refetch} />}
          {trace.isPending && <SkeletonRows />}
          {trace.data?.steps.length === 0 && (
            <EmptyState title="No step has finished yet">
              {isUnfinished ? "The first one is under way." : "The run ended before its first step."}
            </EmptyState>
          )}
          {trace.data !== undefined && <TraceWaterfall steps={trace.data.steps} />}
        </section>
        <div className="grid grid-cols-[minmax(0,1fr)] gap-4 lg:grid-cols-2 lg:[&>*]:min-w-0">
          <SectionCard title="Input">
            <CodeBlock code={JSON.stringify(run.input, null, 2)} label="Input" />
          </SectionCard>
          <SectionCard title="Output">
            {run.outputFile !== undefined ? (
              <ValueFile file={run.outputFile} label="Output" />
            ) : run.output === null ? (
              <p className="text-sm text-muted">None</p>
            ) : (
              <CodeBlock code={JSON.stringify(run.output, null, 2)} label="Output" />
            )}
          </SectionCard>
        </div>
        <p className="font-mono text-2xs text-subtle">{run.id}</p>
      </div>
    </Page>
  );
}
