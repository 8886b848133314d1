"use client";
import { useQuery } from "@tanstack/react-query";
import { Badge } from "@/components/ui/badge";
import { SectionCard } from "@/components/ui/card";
import { CopyButton } from "@/components/ui/copy-button";
import { ErrorState } from "@/components/ui/error-state";
import { useTRPC } from "@/lib/trpc";

const CHECKS: Record<string, string> = {
  signature: "Signed (Standard Webhooks)",
  github: "Signed by GitHub",
  stripe: "Signed by Stripe",
  slack: "Signed by Slack",
  hmac: "Signed (HMAC)",
  secret: "Secret in a header",
};

/** The addresses that other services send events to. Nothing for agents without webhooks. */
export function WebhooksCard({ deploymentId }: { deploymentId: string }) {
  const trpc = useTRPC();
  const webhooks = useQuery(trpc.deployment.webhooks.queryOptions({ id: deploymentId }));
  if (webhooks.error) return <ErrorState error={webhooks.error} onRetry={webhooks.refetch} />;
  if (webhooks.data === undefined || webhooks.data.items.length === 0) return null;
  return (
    <SectionCard title="Webhooks" description="Where other services send their events.">
      <ul className="flex flex-col gap-3">
        {webhooks.data.items.map(({ nodeId, name, url, methods, verification }) => (
          <li key={nodeId}>
            <div className="mb-1.5 flex flex-wrap items-center gap-2">
              <h3 className="text-sm font-medium">{name}</h3>
              <span className="font-mono text-xs text-muted">{methods.join(", ")}</span>
              {CHECKS[verification] === undefined ? (
                <Badge tone="warn">Anyone may send</Badge>
              ) : (
                <span className="text-xs text-muted">{CHECKS[verification]}</span>
              )}
            </div>
            <p className="flex items-center gap-2 rounded-md border border-line bg-sunken px-3 py-1.5 font-mono text-xs">
              <span className="min-w-0 flex-1 break-all">{url}</span>
              <CopyButton value={url} what={`Address of ${name}`} size="iconXs" />
            </p>
          </li>
        ))}
      </ul>
    </SectionCard>
  );
}
