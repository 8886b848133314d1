"use client";
import type { WaitResource } from "@heddle/schema";
import { useInfiniteQuery } from "@tanstack/react-query";
import { UserCheck } from "lucide-react";
import { useState } from "react";
import { ApprovalDialog } from "@/components/approvals/approval-dialog";
import { Button } from "@/components/ui/button";
import { DataTable } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import { Page, PageHeader } from "@/components/ui/page-header";
import { formatAgo, formatTime, formatUntil } from "@/lib/format";
import { useTRPC } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";

export default function ApprovalsPage() {
  const trpc = useTRPC();
  const { workspace, canEdit } = useWorkspace();
  const [open, setOpen] = useState<WaitResource>();
  const list = useInfiniteQuery(
    trpc.approval.list.infiniteQueryOptions(
      { workspaceId: workspace.id },
      { getNextPageParam: (page) => page.nextCursor ?? undefined, refetchInterval: 5_000 },
    ),
  );
  return (
    <Page>
      <PageHeader title="Approvals" description="What runs wait for people to decide, longest first." />
      <DataTable
        label="Approvals"
        query={list}
        rowKey={({ executionId, key }) => `${executionId} ${key}`}
        columns={[
          {
            key: "title",
            header: "To decide",
            className: "max-w-96",
            cell: (wait) => (
              <span className="block">
                <span className="line-clamp-2 break-words font-medium">{wait.title ?? "An approval"}</span>
                {wait.message !== undefined && wait.message !== "" && (
                  <span className="line-clamp-1 break-words text-xs text-muted">{wait.message}</span>
                )}
              </span>
            ),
          },
          { key: "agent", header: "Agent", isSecondary: true, cell: (wait) => wait.agentName ?? "Deleted agent" },
          {
            key: "since",
            header: "Waiting since",
            isSecondary: true,
            className: "whitespace-nowrap text-muted",
            cell: (wait) => (
              <time dateTime={wait.createdAt} title={formatTime(wait.createdAt)}>
                {formatAgo(wait.createdAt)}
              </time>
            ),
          },
          {
            key: "deadline",
            header: "Deadline",
            isSecondary: true,
            className: "whitespace-nowrap text-muted",
            cell: (wait) =>
              wait.dueAt === null ? (
                "None"
              ) : (
                <time dateTime={wait.dueAt} title={formatTime(wait.dueAt)}>
                  {formatUntil(wait.dueAt)}
                </time>
              ),
          },
        ]}
        rowActions={(wait) => (
          <Button size="sm" aria-label={`${canEdit ? "Decide" : "Look at"}: ${wait.title ?? "An approval"}`} onClick={() => setOpen(wait)}>
            {canEdit ? "Decide" : "Look"}
          </Button>
        )}
        empty={
          <EmptyState icon={<UserCheck />} title="Nothing to decide">
            When a run reaches a Wait node that is set to “A person’s approval”, it waits here until somebody decides.
          </EmptyState>
        }
      />
      <ApprovalDialog wait={open} onClose={() => setOpen(undefined)} />
    </Page>
  );
}
