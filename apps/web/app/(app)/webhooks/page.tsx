"use client";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Webhook } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { DataTable } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import { Page, PageHeader } from "@/components/ui/page-header";
import { WebhookDialog } from "@/components/webhooks/webhook-dialog";
import { WebhookState } from "@/components/webhooks/webhook-state";
import { formatAgo, formatTime } from "@/lib/format";
import { useTRPC } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";

export default function WebhooksPage() {
  const trpc = useTRPC();
  const router = useRouter();
  const { workspace, canAdminister } = useWorkspace();
  const [isCreating, setIsCreating] = useState(false);
  const list = useInfiniteQuery(
    trpc.webhook.list.infiniteQueryOptions({ workspaceId: workspace.id }, { getNextPageParam: (page) => page.nextCursor ?? undefined }),
  );
  const createButton = canAdminister && (
    <Button variant="primary" onClick={() => setIsCreating(true)}>
      New webhook
    </Button>
  );
  return (
    <Page>
      <PageHeader
        title="Webhooks"
        description="Other programs hear when runs end: signed, and tried again for three days."
        actions={createButton}
      />
      <DataTable
        label="Webhooks"
        query={list}
        rowKey={(webhook) => webhook.id}
        rowHref={(webhook) => `/webhooks/view?id=${webhook.id}`}
        columns={[
          {
            key: "name",
            header: "Address",
            className: "max-w-80",
            cell: (webhook) => (
              <span className="block truncate">
                {webhook.description === "" ? hostOf(webhook.url) : webhook.description}
                <span className="ml-2 font-mono text-2xs font-normal text-muted">{webhook.url}</span>
              </span>
            ),
          },
          { key: "state", header: "State", cell: (webhook) => <WebhookState webhook={webhook} /> },
          {
            key: "events",
            header: "Events",
            isSecondary: true,
            className: "font-mono text-2xs text-muted",
            cell: (webhook) => webhook.events.map((event) => event.replace("execution.", "")).join(", "),
          },
          {
            key: "agents",
            header: "Agents",
            isSecondary: true,
            className: "text-muted",
            cell: (webhook) => (webhook.agentIds.length === 0 ? "All" : webhook.agentIds.length),
          },
          {
            key: "created",
            header: "Made",
            isSecondary: true,
            className: "whitespace-nowrap text-muted",
            cell: (webhook) => <time title={formatTime(webhook.createdAt)}>{formatAgo(webhook.createdAt)}</time>,
          },
        ]}
        empty={
          <EmptyState icon={<Webhook />} title="No webhooks yet" action={createButton}>
            {canAdminister
              ? "Give Heddle an address, and it tells it when runs complete or fail."
              : "An owner or administrator can give Heddle an address to tell when runs complete or fail."}
          </EmptyState>
        }
      />
      <WebhookDialog
        isOpen={isCreating}
        onOpenChange={setIsCreating}
        onSaved={(webhook) => router.push(`/webhooks/view?id=${webhook.id}`)}
      />
    </Page>
  );
}

function hostOf(url: string): string {
  return URL.parse(url)?.host ?? url;
}
