"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useSearchParams } from "next/navigation";
import { CallIt } from "@/components/deployments/call-it";
import { MetricsCards } from "@/components/deployments/metrics-cards";
import { SchedulesCard } from "@/components/deployments/schedules-card";
import { WebhooksCard } from "@/components/deployments/webhooks-card";
import { AgentLimitsCard } from "@/components/limits/agent-limits-card";
import { ExecutionTable } from "@/components/executions/execution-table";
import { Button } from "@/components/ui/button";
import { SectionCard } from "@/components/ui/card";
import { CopyButton } from "@/components/ui/copy-button";
import { ErrorState } from "@/components/ui/error-state";
import { Page, PageHeader } from "@/components/ui/page-header";
import { SkeletonRows } from "@/components/ui/skeleton";
import { StatusBadge } from "@/components/ui/status-badge";
import { formatTime } from "@/lib/format";
import { toastError } from "@/lib/toast-error";
import { useTRPC } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";

export default function DeploymentPage() {
  const id = useSearchParams().get("id") ?? "";
  const trpc = useTRPC();
  const { canEdit } = useWorkspace();
  const deployment = useQuery(trpc.deployment.byId.queryOptions({ id }));
  const setStatus = useMutation(trpc.deployment.setStatus.mutationOptions({ onSuccess: () => deployment.refetch(), onError: toastError }));

  if (deployment.error) return <ErrorState error={deployment.error} onRetry={deployment.refetch} />;
  if (deployment.data === undefined)
    return (
      <Page>
        <SkeletonRows />
      </Page>
    );
  const { agentId, agentName, version, url, status, configHash, deployedAt } = deployment.data;
  const isActive = status === "ACTIVE";
  return (
    <Page>
      <PageHeader
        back={<Link href="/deployments">Deployments</Link>}
        title={
          <span className="flex items-center gap-2.5">
            {agentName ?? "Agent"}
            <StatusBadge status={status} />
          </span>
        }
        description={`Version ${version}, deployed ${formatTime(deployedAt)}, content ${configHash.slice(0, 12)}`}
        actions={
          <>
            {canEdit && (
              <Button isBusy={setStatus.isPending} onClick={() => setStatus.mutate({ id, status: isActive ? "INACTIVE" : "ACTIVE" })}>
                {isActive ? "Turn off" : "Turn on"}
              </Button>
            )}
            <Button asChild>
              <Link href={`/builder?agent=${agentId}`}>Open the agent</Link>
            </Button>
          </>
        }
      />
      <div className="flex flex-col gap-4">
        <MetricsCards deploymentId={id} />
        <SectionCard title="Call it" description="Any program that speaks HTTP can.">
          <p className="mb-3 flex items-center gap-2 rounded-md border border-line bg-sunken px-3 py-1.5 font-mono text-xs">
            <span className="min-w-0 flex-1 break-all">{url}</span>
            <CopyButton value={url} what="Address" size="iconXs" />
          </p>
          <CallIt deployment={deployment.data} />
        </SectionCard>
        <WebhooksCard deploymentId={id} />
        <SchedulesCard deploymentId={id} isActive={isActive} />
        <AgentLimitsCard agentId={agentId} agentName={agentName ?? "this agent"} />
        <section aria-labelledby="runs">
          <h2 id="runs" className="mb-2 text-base font-semibold tracking-tight">
            Runs of this agent
          </h2>
          <ExecutionTable agentId={agentId} />
        </section>
      </div>
    </Page>
  );
}
