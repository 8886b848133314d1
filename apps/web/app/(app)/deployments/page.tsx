"use client";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Rocket } from "lucide-react";
import Link from "next/link";
import { Button } from "@/components/ui/button";
import { DataTable } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import { Page, PageHeader } from "@/components/ui/page-header";
import { StatusBadge } from "@/components/ui/status-badge";
import { formatAgo, formatTime } from "@/lib/format";
import { useTRPC } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";

export default function DeploymentsPage() {
  const trpc = useTRPC();
  const { workspace } = useWorkspace();
  const list = useInfiniteQuery(
    trpc.deployment.list.infiniteQueryOptions({ workspaceId: workspace.id }, { getNextPageParam: (page) => page.nextCursor ?? undefined }),
  );
  return (
    <Page>
      <PageHeader title="Deployments" description="Versions of agents that programs can call." />
      <DataTable
        label="Deployments"
        query={list}
        rowKey={(deployment) => deployment.id}
        rowHref={(deployment) => `/deployments/view?id=${deployment.id}`}
        columns={[
          { key: "agent", header: "Agent", cell: (deployment) => deployment.agentName ?? "Agent" },
          { key: "version", header: "Version", className: "tabular", cell: (deployment) => deployment.version },
          { key: "status", header: "Status", cell: (deployment) => <StatusBadge status={deployment.status} /> },
          {
            key: "hash",
            header: "Content",
            isSecondary: true,
            className: "font-mono text-xs text-muted",
            cell: (deployment) => deployment.configHash.slice(0, 12),
          },
          {
            key: "deployed",
            header: "Deployed",
            cell: (deployment) => (
              <time className="text-muted" dateTime={deployment.deployedAt} title={formatTime(deployment.deployedAt)}>
                {formatAgo(deployment.deployedAt)}
              </time>
            ),
          },
        ]}
        empty={
          <EmptyState
            icon={<Rocket />}
            title="Nothing is deployed yet"
            action={
              <Button asChild variant="primary">
                <Link href="/agents">Open an agent</Link>
              </Button>
            }
          >
            Deploy an agent from the builder, and any program can call it.
          </EmptyState>
        }
      />
    </Page>
  );
}
