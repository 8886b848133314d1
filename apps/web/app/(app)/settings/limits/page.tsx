"use client";
import { useQuery } from "@tanstack/react-query";
import { LimitedAgents, LimitedKeys } from "@/components/limits/limited-list";
import { LimitsForm } from "@/components/limits/limits-form";
import { UsageCard } from "@/components/limits/usage-card";
import { SettingsTabs } from "@/components/settings/settings-tabs";
import { ErrorState } from "@/components/ui/error-state";
import { Page, PageHeader } from "@/components/ui/page-header";
import { SkeletonRows } from "@/components/ui/skeleton";
import { useTRPC } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";

export default function LimitsPage() {
  const trpc = useTRPC();
  const { workspace, canAdminister } = useWorkspace();
  const limits = useQuery(trpc.limits.get.queryOptions({ workspaceId: workspace.id }));
  return (
    <Page width="narrow">
      <PageHeader
        title="Usage & limits"
        description={
          limits.data === undefined
            ? "What this workspace uses, and what it may."
            : `What this workspace uses, and what it may. Its plan is ${limits.data.plan.title}.`
        }
      />
      <SettingsTabs />
      <div className="flex flex-col gap-4">
        <UsageCard key={`usage ${workspace.id}`} />
        {limits.data !== undefined ? (
          <>
            <LimitsForm key={workspace.id} limits={limits.data} />
            <LimitedAgents limits={limits.data} />
            {canAdminister && <LimitedKeys />}
          </>
        ) : limits.error === null ? (
          <SkeletonRows />
        ) : (
          <ErrorState error={limits.error} onRetry={limits.refetch} />
        )}
      </div>
    </Page>
  );
}
