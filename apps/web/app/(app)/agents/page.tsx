"use client";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Bot } from "lucide-react";
import Link from "next/link";
import { useDeferredValue, useState } from "react";
import { AgentMenu } from "@/components/agents/agent-menu";
import { Button } from "@/components/ui/button";
import { DataTable } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import { Page, PageHeader } from "@/components/ui/page-header";
import { SearchInput } from "@/components/ui/search-input";
import { StatusBadge } from "@/components/ui/status-badge";
import { formatAgo, formatTime } from "@/lib/format";
import { useTRPC } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";

export default function AgentsPage() {
  const trpc = useTRPC();
  const { workspace, canEdit } = useWorkspace();
  const [text, setText] = useState("");
  const search = useDeferredValue(text.trim());
  const agents = useInfiniteQuery(
    trpc.agent.list.infiniteQueryOptions(
      { workspaceId: workspace.id, ...(search === "" ? {} : { search }) },
      { getNextPageParam: (page) => page.nextCursor ?? undefined },
    ),
  );
  return (
    <Page>
      <PageHeader
        title="Agents"
        description="What you build, test and deploy."
        actions={
          <>
            <SearchInput
              className="w-56"
              value={text}
              onChange={(event) => setText(event.target.value)}
              aria-label="Search agents"
              placeholder="Search agents"
            />
            {canEdit && (
              <Button asChild variant="primary">
                <Link href="/templates">New agent</Link>
              </Button>
            )}
          </>
        }
      />
      <DataTable
        label="Agents"
        query={agents}
        rowKey={(agent) => agent.id}
        rowHref={(agent) => `/builder?agent=${agent.id}`}
        columns={[
          { key: "name", header: "Name", cell: (agent) => agent.name },
          { key: "status", header: "Status", cell: (agent) => <StatusBadge status={agent.status} /> },
          {
            key: "updated",
            header: "Changed",
            isSecondary: true,
            cell: (agent) => (
              <time className="text-muted" dateTime={agent.updatedAt} title={formatTime(agent.updatedAt)}>
                {formatAgo(agent.updatedAt)}
              </time>
            ),
          },
        ]}
        rowActions={(agent) => <AgentMenu agent={agent} onChanged={() => void agents.refetch()} />}
        empty={
          search !== "" ? (
            <EmptyState icon={<Bot />} title={`No agent is called “${search}”`}>
              Try fewer letters.
            </EmptyState>
          ) : (
            <EmptyState
              icon={<Bot />}
              title="No agents yet"
              action={
                <Button asChild variant="primary">
                  <Link href="/templates">Browse templates</Link>
                </Button>
              }
            >
              Start from a template that already answers real questions.
            </EmptyState>
          )
        }
      />
    </Page>
  );
}
