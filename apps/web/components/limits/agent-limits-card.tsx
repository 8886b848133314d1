"use client";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { SectionCard } from "@/components/ui/card";
import { ErrorNote } from "@/components/ui/error-state";
import { Skeleton } from "@/components/ui/skeleton";
import { formatCount } from "@/lib/format";
import { useTRPC } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";
import { AgentLimitsDialog } from "./agent-limits-dialog";

/** One agent's limits, on the page of its deployment. */
export function AgentLimitsCard({ agentId, agentName }: { agentId: string; agentName: string }) {
  const trpc = useTRPC();
  const { canEdit } = useWorkspace();
  const [isEditing, setIsEditing] = useState(false);
  const limits = useQuery(trpc.limits.getAgent.queryOptions({ agentId }));
  return (
    <SectionCard
      title="Limits"
      description="How often this agent may be called, and how many of its runs go on at once."
      actions={
        canEdit && (
          <Button size="sm" disabled={limits.data === undefined} onClick={() => setIsEditing(true)}>
            Change
          </Button>
        )
      }
    >
      <ErrorNote error={limits.error} />
      {limits.data === undefined ? (
        limits.error === null && <Skeleton className="h-10 max-w-sm" />
      ) : (
        <dl className="flex flex-wrap gap-x-10 gap-y-3 text-sm">
          <div>
            <dt className="text-xs text-muted">Calls a minute</dt>
            <dd className="tabular-nums">{limits.data.rateLimit === null ? "No limit" : formatCount(limits.data.rateLimit)}</dd>
          </div>
          <div>
            <dt className="text-xs text-muted">Runs at once</dt>
            <dd className="tabular-nums">{limits.data.concurrency === null ? "The workspace's" : formatCount(limits.data.concurrency)}</dd>
          </div>
        </dl>
      )}
      {isEditing && limits.data && <AgentLimitsDialog agent={{ agentId, agentName, ...limits.data }} onClose={() => setIsEditing(false)} />}
    </SectionCard>
  );
}
