"use client";
import type { WebhookResource } from "@heddle/schema";
import { useQuery } from "@tanstack/react-query";
import { Badge } from "@/components/ui/badge";
import { useTRPC } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";

/** What a webhook is told, and of whose runs. */
export function WebhookFacts({ webhook: { events, agentIds } }: { webhook: WebhookResource }) {
  const trpc = useTRPC();
  const { workspace } = useWorkspace();
  const agents = useQuery({
    ...trpc.agent.list.queryOptions({ workspaceId: workspace.id, limit: 200 }),
    enabled: agentIds.length > 0,
  });
  const names = agentIds.map(
    (id) => agents.data?.items.find((agent) => agent.id === id)?.name ?? (agents.isPending ? "…" : "A deleted agent"),
  );
  return (
    <dl className="grid gap-x-6 gap-y-2 text-sm sm:grid-cols-[max-content_minmax(0,1fr)]">
      <dt className="text-muted">Is told of</dt>
      <dd className="flex flex-wrap gap-1">
        {events.map((event) => (
          <Badge key={event} className="font-mono">
            {event}
          </Badge>
        ))}
      </dd>
      <dt className="text-muted">Runs of</dt>
      <dd>{agentIds.length === 0 ? "All agents" : names.join(", ")}</dd>
    </dl>
  );
}
