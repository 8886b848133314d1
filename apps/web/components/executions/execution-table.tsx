"use client";
import type { ExecutionResource, ExecutionStatus } from "@heddle/schema";
import { useInfiniteQuery } from "@tanstack/react-query";
import { History } from "lucide-react";
import { DataTable } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import { StatusBadge } from "@/components/ui/status-badge";
import { formatAgo, formatCount, formatDuration, formatTime } from "@/lib/format";
import { useTRPC } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";

const TRIGGERS: Record<ExecutionResource["trigger"], string> = {
  test: "Test run",
  api: "API",
  webhook: "Webhook",
  chat: "Chat",
  schedule: "Schedule",
  error: "Failed run",
};

/** Runs, newest first, of the workspace or of one agent. Looks again while one of them is under way. */
export function ExecutionTable({ agentId, status }: { agentId?: string; status?: ExecutionStatus }) {
  const trpc = useTRPC();
  const { workspace } = useWorkspace();
  const query = useInfiniteQuery(
    trpc.execution.list.infiniteQueryOptions(
      { workspaceId: workspace.id, ...(agentId === undefined ? {} : { agentId }), ...(status === undefined ? {} : { status }) },
      {
        getNextPageParam: (page) => page.nextCursor ?? undefined,
        refetchInterval: ({ state }) =>
          state.data?.pages[0]?.items.some((run) => run.status === "RUNNING" || run.status === "PENDING") ? 2_000 : 15_000,
      },
    ),
  );
  return (
    <DataTable
      label="Executions"
      query={query}
      rowKey={(run) => run.id}
      rowHref={(run) => `/executions/view?id=${run.id}`}
      columns={[
        { key: "agent", header: "Agent", cell: (run) => run.agentName ?? "Deleted agent" },
        { key: "status", header: "Status", cell: (run) => <StatusBadge status={run.status} /> },
        { key: "trigger", header: "From", isSecondary: true, className: "text-muted", cell: (run) => TRIGGERS[run.trigger] },
        {
          key: "latency",
          header: "Time",
          className: "tabular whitespace-nowrap",
          cell: (run) => (run.latency === null ? "" : formatDuration(run.latency)),
        },
        { key: "tokens", header: "Tokens", isSecondary: true, className: "tabular", cell: (run) => formatCount(run.tokensUsed) },
        {
          key: "started",
          header: "Started",
          className: "whitespace-nowrap",
          cell: (run) => (
            <time className="text-muted" dateTime={run.startedAt} title={formatTime(run.startedAt)}>
              {formatAgo(run.startedAt)}
            </time>
          ),
        },
      ]}
      empty={
        <EmptyState icon={<History />} title={status === undefined ? "No runs yet" : "No such runs"}>
          {status === undefined
            ? "Try an agent in the builder, or call a deployment. Every run is kept here with all its steps."
            : "Choose another status to see more."}
        </EmptyState>
      }
    />
  );
}
