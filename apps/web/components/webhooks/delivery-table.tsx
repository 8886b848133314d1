"use client";
import { WEBHOOK_TEST, webhookDeliveryStatus, webhookEvent, type WebhookDeliveryStatus } from "@heddle/schema";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Send } from "lucide-react";
import { type ReactNode, useState } from "react";
import { DataTable } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import { Select } from "@/components/ui/select";
import { StatusBadge } from "@/components/ui/status-badge";
import { formatAgo, formatTime, formatUntil } from "@/lib/format";
import { useTRPC } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";
import { eventLabel } from "./webhook-events";

const ANY = "any";
const STATUSES: Record<WebhookDeliveryStatus, string> = {
  PENDING: "Pending",
  DELIVERED: "Delivered",
  FAILED: "Failed tests",
  DEAD_LETTERED: "Dead letters",
};

/** What was sent to a webhook, newest first, and what is still to be. */
export function DeliveryTable({ webhookId, actions }: { webhookId: string; actions?: ReactNode }) {
  const trpc = useTRPC();
  const { workspace } = useWorkspace();
  const [status, setStatus] = useState<WebhookDeliveryStatus>();
  const [event, setEvent] = useState<string>();
  const query = useInfiniteQuery(
    trpc.webhook.deliveries.infiniteQueryOptions(
      { workspaceId: workspace.id, webhookId, ...(status === undefined ? {} : { status }), ...(event === undefined ? {} : { event }) },
      { getNextPageParam: (page) => page.nextCursor ?? undefined, refetchInterval: 5_000 },
    ),
  );
  const isFiltered = status !== undefined || event !== undefined;
  return (
    <section aria-labelledby="deliveries">
      <div className="mb-2 flex flex-wrap items-center gap-2">
        <h2 id="deliveries" className="mr-auto text-base font-semibold tracking-tight">
          Deliveries
        </h2>
        {actions}
        <Select
          aria-label="Event"
          className="w-44"
          value={event ?? ANY}
          onValueChange={(value) => setEvent(value === ANY ? undefined : value)}
          options={[
            { value: ANY, label: "Any event" },
            ...[...webhookEvent.options, WEBHOOK_TEST].map((value) => ({ value, label: eventLabel(value) })),
          ]}
        />
        <Select
          aria-label="Status"
          className="w-36"
          value={status ?? ANY}
          onValueChange={(value) => setStatus(webhookDeliveryStatus.options.find((option) => option === value))}
          options={[
            { value: ANY, label: "Any status" },
            ...webhookDeliveryStatus.options.map((value) => ({ value, label: STATUSES[value] })),
          ]}
        />
      </div>
      <DataTable
        label="Deliveries"
        query={query}
        rowKey={(delivery) => delivery.id}
        rowHref={(delivery) => `/webhooks/view?id=${webhookId}&delivery=${delivery.id}`}
        columns={[
          { key: "event", header: "Event", cell: (delivery) => eventLabel(delivery.event) },
          { key: "status", header: "Status", cell: (delivery) => <StatusBadge status={delivery.status} /> },
          {
            key: "answer",
            header: "Answer",
            className: "tabular",
            isSecondary: true,
            cell: (delivery) => delivery.responseStatus ?? <span className="text-muted">None</span>,
          },
          { key: "attempts", header: "Attempts", className: "tabular", isSecondary: true, cell: (delivery) => delivery.attempts },
          {
            key: "next",
            header: "Next attempt",
            isSecondary: true,
            className: "whitespace-nowrap text-muted",
            cell: ({ nextAttemptAt }) =>
              nextAttemptAt !== null && (
                <time dateTime={nextAttemptAt} title={formatTime(nextAttemptAt)}>
                  {formatUntil(nextAttemptAt)}
                </time>
              ),
          },
          {
            key: "created",
            header: "Happened",
            className: "whitespace-nowrap text-muted",
            cell: ({ createdAt }) => (
              <time dateTime={createdAt} title={formatTime(createdAt)}>
                {formatAgo(createdAt)}
              </time>
            ),
          },
        ]}
        empty={
          <EmptyState icon={<Send />} title={isFiltered ? "No such deliveries" : "Nothing was sent yet"}>
            {isFiltered
              ? "Choose another event or status to see more."
              : "Send a test to see whether the receiver answers, or run a deployed agent. Deliveries are kept for 30 days."}
          </EmptyState>
        }
      />
    </section>
  );
}
